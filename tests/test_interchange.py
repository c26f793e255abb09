"""Between NumPy and a framework: which ways copy, which share memory, and which numbers keep their dtype.

Two sides share memory where a write to one is seen on the other. TensorFlow's and JAX's arrays cannot be written to;
of them NumPy has views that are read-only, and what is asked is whether two views lie on the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from harness.catalogue import absence, frameworks, lessons, load_lesson

ALIGNED = 64  # bytes at which TensorFlow and XLA want arrays to begin
DTYPES = (
    "bool",
    "uint8",
    "int8",
    "int16",
    "int32",
    "int64",
    "float16",
    "float32",
    "float64",
    "complex64",
    "complex128",
)


def numbers(count: int = 16, *, dtype: str = "float64", shift: int = 0) -> np.ndarray:
    """0, 1, 2 … in memory that begins so many bytes after a place where TensorFlow and XLA would have it."""
    size = count * np.dtype(dtype).itemsize
    room = np.zeros(size + 2 * ALIGNED, np.uint8)
    start = -room.ctypes.data % ALIGNED + shift
    found = room[start : start + size].view(dtype)
    found[:] = range(count)
    return found


def native(framework: str, array: np.ndarray) -> Any:
    """The array, copied, in a framework."""
    if framework == "numpy":
        return array.copy()
    if framework == "torch":
        return pytest.importorskip("torch").tensor(array)
    if framework == "keras":
        return pytest.importorskip("tensorflow").constant(array)
    jax = pytest.importorskip("jax")
    with jax.enable_x64(True):
        return jax.numpy.array(array)


def view(array: Any) -> np.ndarray:
    """The memory of a native array, seen by NumPy."""
    return np.asarray(array)


def shared(first: Any, second: Any) -> bool:
    return bool(np.shares_memory(view(first), view(second)))


# --- the lesson's functions ------------------------------------------------------------------------------------

SHARING = {name: way.shares for name, way in load_lesson("interchange").operations.items() if way.shares}


def function(framework: str, name: str) -> Callable[[Any], Any]:
    if reason := absence("interchange", framework):
        pytest.skip(reason)
    return getattr(lessons()["interchange"].load(framework), name)


@pytest.fixture(autouse=True)
def wide() -> Any:
    """JAX with 64 bits, whatever the tests before have told it."""
    try:
        import jax
    except ImportError:
        yield
        return
    with jax.enable_x64(True):
        yield


def test_the_lesson_says_of_every_way_whether_it_shares():
    assert list(SHARING) == ["from_numpy_copied", "from_numpy_shared", "to_numpy", "through_dlpack"]
    assert {tuple(shares) for shares in SHARING.values()} == {("numpy", "torch", "keras", "jax")}


@pytest.mark.parametrize("framework", frameworks())
@pytest.mark.parametrize("name", SHARING)
def test_a_way_to_numpy_and_back_shares_memory_or_copies(name, framework):
    x = native(framework, numbers())
    y = function(framework, name)(x)
    assert type(y) is (np.ndarray if name == "to_numpy" else type(x))
    assert view(y).dtype == np.float64
    np.testing.assert_array_equal(view(y), numbers())
    assert shared(x, y) == SHARING[name][framework]


@pytest.mark.parametrize("framework", ["numpy", "torch"])
@pytest.mark.parametrize("name", SHARING)
def test_a_write_to_one_is_seen_in_the_other_where_they_share(name, framework):
    """Of arrays that can be written to, in both directions."""
    expected = SHARING[name][framework]
    x = native(framework, numbers())
    y = function(framework, name)(x)
    x[1] = 100
    assert (float(y[1]) == 100) == expected
    y[2] = 200
    assert (float(x[2]) == 200) == expected


@pytest.mark.parametrize("framework", ["keras", "jax"])
def test_what_cannot_be_written_to_is_no_other_in_numpys_view(framework):
    x = native(framework, numbers())
    assert not view(x).flags.writeable
    assert not np.from_dlpack(x).flags.writeable
    assert shared(x, x)
    assert np.shares_memory(view(x), np.from_dlpack(x))
    with pytest.raises(TypeError):
        x[0] = 100


@pytest.mark.parametrize("framework", frameworks())
@pytest.mark.parametrize(("name", "dtype"), [("to_float32", "float32"), ("to_integer", "int32"), ("to_bool", "bool")])
def test_a_cast_copies_but_to_the_dtype_that_there_is(name, dtype, framework):
    """NumPy's ``astype`` copies then, too; the others hand back the same memory."""
    cast = function(framework, name)
    other = native(framework, numbers(dtype="float64"))
    assert view(cast(other)).dtype == np.dtype(dtype)
    assert not shared(other, cast(other))
    x = native(framework, numbers(2, dtype=dtype))
    assert view(cast(x)).dtype == np.dtype(dtype)
    assert shared(x, cast(x)) == (framework != "numpy")


@pytest.mark.parametrize("framework", frameworks())
def test_bits_are_those_of_single_precision(framework):
    """A sign, eight bits of the exponent, 23 of the mantissa: 1 is 0x3f800000."""
    bits = view(function(framework, "bits")(native(framework, np.array([0.0, -0.0, 1.0, -2.0, np.inf]))))
    assert bits.dtype == np.int32
    assert [f"{number & 0xFFFFFFFF:08x}" for number in bits.tolist()] == [
        "00000000",
        "80000000",
        "3f800000",
        "c0000000",
        "7f800000",
    ]


# --- PyTorch ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("call", ["from_numpy", "as_tensor", "asarray", "from_dlpack"])
def test_torch_takes_numpys_memory(call):
    torch = pytest.importorskip("torch")
    array = numbers()
    tensor = getattr(torch, call)(array)
    array[0] = 100
    assert tensor[0] == 100
    tensor[1] = 200
    assert array[1] == 200
    assert tensor.dtype == torch.float64


@pytest.mark.parametrize("call", ["numpy", "force", "asarray", "from_dlpack"])
def test_torch_lends_numpy_its_memory(call):
    torch = pytest.importorskip("torch")
    tensor = torch.arange(4.0)
    array = {
        "numpy": lambda: tensor.numpy(),
        "force": lambda: tensor.numpy(force=True),
        "asarray": lambda: np.asarray(tensor),
        "from_dlpack": lambda: np.from_dlpack(tensor),
    }[call]()
    tensor[0] = 100
    assert array[0] == 100
    array[1] = 200
    assert tensor[1] == 200


def test_torch_tensor_copies_and_so_does_another_dtype():
    torch = pytest.importorskip("torch")
    array = numbers()
    copies = [torch.tensor(array), torch.as_tensor(array, dtype=torch.float32), torch.asarray(array, copy=True)]
    array[0] = 100
    assert [float(copy[0]) for copy in copies] == [0, 0, 0]


def test_torch_takes_no_memory_that_runs_backwards():
    """``torch.from_dlpack`` of such an array ends the process, so it is not tried."""
    torch = pytest.importorskip("torch")
    for call in (torch.from_numpy, torch.as_tensor, torch.tensor):
        with pytest.raises(ValueError, match="negative"):
            call(numbers()[::-1])


def test_torch_lends_what_has_gradients_only_when_forced():
    torch = pytest.importorskip("torch")
    tensor = torch.arange(4.0, requires_grad=True)
    with pytest.raises(RuntimeError, match="requires grad"):
        tensor.numpy()
    with pytest.raises(BufferError, match="gradient"):
        np.from_dlpack(tensor)
    assert shared(tensor.detach(), tensor.numpy(force=True))


# --- Keras on TensorFlow ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("call", ["constant", "convert_to_tensor", "Variable", "ops.convert_to_tensor", "ops.array"])
def test_tensorflow_copies_what_numpy_gives(call):
    """Even memory that it could use as it is."""
    tf, ops = pytest.importorskip("tensorflow"), pytest.importorskip("keras").ops
    array = numbers()
    tensor = getattr(ops, call[4:])(array) if call.startswith("ops.") else getattr(tf, call)(array)
    array[0] = 100
    assert tensor.numpy()[0] == 0
    assert tensor.dtype == tf.float64


def test_tensorflow_shares_memory_through_dlpack():
    """Only where it begins at a multiple of 64 bytes: of other arrays TensorFlow's kernels end the process."""
    dlpack = pytest.importorskip("tensorflow").experimental.dlpack
    array = numbers()
    tensor = dlpack.from_dlpack(array.__dlpack__())
    array[0] = 100
    assert tensor.numpy()[0] == 100
    assert shared(tensor, array)
    assert shared(tensor, dlpack.from_dlpack(dlpack.to_dlpack(tensor)))


def test_tensorflow_gives_numpy_copies_and_views():
    tf, keras = pytest.importorskip("tensorflow"), pytest.importorskip("keras")
    tensor = tf.constant(numbers())
    for copy in (tensor.numpy(), keras.ops.convert_to_numpy(tensor), np.array(tensor)):
        assert copy.flags.writeable
        assert not shared(tensor, copy)
    assert shared(tensor, np.asarray(tensor))
    assert shared(tensor, np.from_dlpack(tensor))


# --- JAX -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("call", ["device_put", "from_dlpack"])
def test_jax_takes_numpys_memory_where_it_can(call):
    """On the CPU, from a multiple of 64 bytes on: a later write changes an array that JAX takes for immutable."""
    jax = pytest.importorskip("jax")
    take = {"device_put": jax.device_put, "from_dlpack": jax.numpy.from_dlpack}[call]
    array, elsewhere = numbers(), numbers(shift=8)
    taken, copied = jax.block_until_ready((take(array), take(elsewhere)))
    array[0] = elsewhere[0] = 100
    assert (float(taken[0]), float(copied[0])) == (100, 0)


def test_jax_array_copies():
    jnp = pytest.importorskip("jax.numpy")
    array = numbers()
    copies = [jnp.array(array), jnp.asarray(array, copy=True)]
    array[0] = 100
    assert [float(copy[0]) for copy in copies] == [0, 0]


def test_jax_gives_numpy_views_and_copies():
    jax = pytest.importorskip("jax")
    array = jax.numpy.arange(4.0)
    for seen in (np.asarray(array), jax.device_get(array), np.from_dlpack(array)):
        assert shared(array, seen)
        assert not seen.flags.writeable
    copy = np.array(array)
    assert copy.flags.writeable
    assert not shared(array, copy)


def test_what_is_read_only_does_not_pass_through_dlpack_to_jax():
    """Hence NumPy's copy in the lesson's function."""
    jnp = pytest.importorskip("jax.numpy")
    with pytest.raises(BufferError, match="readonly"):
        jnp.from_dlpack(np.asarray(jnp.arange(4.0)))


# --- dtypes ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("framework", frameworks())
@pytest.mark.parametrize("dtype", DTYPES)
def test_every_dtype_comes_back_as_it_went(dtype, framework):
    """JAX's with 64 bits enabled."""
    assert view(native(framework, np.zeros(3, dtype))).dtype == np.dtype(dtype)


@pytest.mark.parametrize("call", ["asarray", "array", "device_put", "from_dlpack"])
def test_without_x64_jax_halves_64_bits(call):
    jax = pytest.importorskip("jax")
    take = jax.device_put if call == "device_put" else getattr(jax.numpy, call)
    narrow = {"float64": "float32", "int64": "int32", "uint64": "uint32", "complex128": "complex64"}
    with jax.enable_x64(False):
        for dtype in (*DTYPES, "uint64"):
            assert take(np.zeros(3, dtype)).dtype == narrow.get(dtype, dtype)


def test_without_x64_jax_warns_where_64_bits_are_asked_for():
    jnp, jax = pytest.importorskip("jax.numpy"), pytest.importorskip("jax")
    with jax.enable_x64(False):
        for ask in (lambda: jnp.asarray([1.5], jnp.float64), lambda: jnp.arange(3).astype(jnp.int64)):
            with pytest.warns(UserWarning, match="truncated"):
                assert ask().dtype.itemsize == 4


def test_pythons_floats_are_single_precision_but_in_numpy_and_wide_jax():
    assert np.array([1.5]).dtype == np.float64
    if not absence("interchange", "torch"):
        import torch

        assert torch.tensor([1.5]).dtype == torch.get_default_dtype() == torch.float32
    if not absence("interchange", "keras"):
        import tensorflow as tf

        assert tf.constant([1.5]).dtype == tf.float32
    if not absence("interchange", "jax"):
        import jax

        assert jax.numpy.array([1.5]).dtype == np.float64
        with jax.enable_x64(False):
            assert jax.numpy.array([1.5]).dtype == np.float32


def test_bfloat16_is_no_dtype_of_numpys():
    """TensorFlow and JAX bring one along (ml_dtypes); PyTorch refuses."""
    if not absence("interchange", "torch"):
        import torch

        with pytest.raises(TypeError, match="BFloat16"):
            torch.zeros(2, dtype=torch.bfloat16).numpy()
    if not absence("interchange", "keras"):
        import tensorflow as tf

        assert tf.zeros(2, tf.bfloat16).numpy().dtype.name == "bfloat16"
    if not absence("interchange", "jax"):
        import jax.numpy as jnp

        assert np.asarray(jnp.zeros(2, jnp.bfloat16)).dtype.name == "bfloat16"
