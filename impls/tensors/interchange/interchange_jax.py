import jax
import jax.numpy as jnp
import numpy as np


def to_float32(x):
    return x.astype(jnp.float32)


def to_integer(x):
    return x.astype(jnp.int32)


def to_bool(x):
    return x.astype(jnp.bool)


def bits(x):
    return x.astype(jnp.float32).view(jnp.int32)


def from_numpy_copied(x):
    return jnp.array(np.asarray(x))


def from_numpy_shared(x):
    return jax.device_put(np.asarray(x))


def to_numpy(x):
    return jax.device_get(x)


def through_dlpack(x):
    return jnp.from_dlpack(np.array(x))  # a copy: NumPy's view of x is read-only, and DLPack has no word for that
