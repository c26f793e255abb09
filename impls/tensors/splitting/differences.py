"""Where splitting differs by design."""

from impls.operations import RAISES, Difference
from impls.spec import Array
from impls.tensors.pages import jax, keras, tensorflow, torch


def out_of_order(x: Array, places: tuple[int, ...], axis: int) -> bool:
    """Whether the parts would have negative lengths, or more than there is."""
    bounds = [0, *places, x.shape[axis]]
    return bounds != sorted(bounds)


DIFFERENCES = (
    Difference(
        operations=("chunk",),
        frameworks=("torch",),
        where="an axis that does not divide into so many equal parts",
        when=lambda x, parts, axis: parts > 0 and -x.ndim <= axis < x.ndim and x.shape[axis] % parts > 0,
        example={"x": [1.0, 2.0, 3.0], "parts": 2, "axis": 0},
        numpy=RAISES,
        theirs=[2.0, 1.0, 2.0, 1.0, 3.0],  # each part behind its length
        reason="The last of PyTorch's chunks is smaller, or there are fewer chunks than said; it has tensor_split for "
        "parts that differ by one at most.",
        link={"torch": torch("chunk")},
    ),
    Difference(
        operations=("split_at",),
        frameworks=("jax", "keras"),
        where="places that are not in order, lie beyond the end, or are counted from it",
        when=out_of_order,
        example={"x": [1.0, 2.0], "places": (3,), "axis": 0},
        numpy=[2.0, 1.0, 2.0, 0.0],
        theirs=RAISES,
        reason="The lengths of the parts are differences of the indices and must not be negative; NumPy takes slices, "
        "which may be empty.",
        link={"jax": jax("numpy.split"), "keras": tensorflow("split")},
    ),
    Difference(
        operations=("split_at",),
        frameworks=("keras",),
        where="no places",
        when=lambda places, **_: len(places) == 0,
        example={"x": [1.0, 2.0], "places": (), "axis": 0},
        numpy=[2.0, 1.0, 2.0],
        theirs=RAISES,
        reason="Keras makes a tensor of the indices, and a tensor of none has floats, which are no sizes.",
        link={"keras": keras("split")},
    ),
    Difference(
        operations=("every_other",),
        frameworks=("torch",),
        where="a negative step",
        when=lambda step, **_: step is not None and step < 0,
        example={"x": [1.0, 2.0, 3.0], "start": None, "stop": None, "step": -2},
        numpy=[3.0, 1.0],
        theirs=RAISES,
        reason="Negative strides are none of PyTorch's, whose slices want a step greater than zero; what goes "
        "backwards is made with flip.",
        link={"torch": "https://github.com/pytorch/pytorch/issues/59786"},
    ),
)
