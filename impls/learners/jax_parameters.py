"""Where the lesson's parameters stand in a Flax net."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import jax
import numpy as np
from flax import nnx

from impls.spec import Weights


def canonical_name(path: tuple[str | int, ...]) -> str:
    """The path of attributes, where a recurrent cell's two dense layers are kernels of the cell."""
    return ".".join(map(str, path)).replace(".dense_i.", ".").replace(".dense_h.", ".recurrent_")


def split(
    new_net: Callable[[nnx.Rngs], Any], order: Sequence[str]
) -> tuple[Any, dict[str, tuple[Any, tuple[int, ...]]], Any]:
    """A net's graph; by name the path and the shape of each of its parameters; and the state that it has beside them.

    Args:
        new_net: makes the net.
        order: names that come in this order, since JAX sorts by name. What the net has beyond them comes last.
    """
    # Its form alone: the weights are the lesson's, and compiling what would draw Flax' own takes seconds.
    form = nnx.eval_shape(lambda: new_net(nnx.Rngs(0)))
    if jax.tree.leaves(nnx.split(form, nnx.Param, ...)[2]):  # beside weights it has values of its own
        form = new_net(nnx.Rngs(0))
    graph, parameters, rest = nnx.split(form, nnx.Param, ...)
    flat = nnx.to_flat_state(parameters)
    found = {canonical_name(path): (path, parameter.shape) for path, parameter in flat}
    return graph, {name: found[name] for name in order if name in found} | found, rest


def values(net: Any) -> Weights:
    """A net's parameters by name."""
    flat = nnx.to_flat_state(nnx.state(net, nnx.Param))
    return {canonical_name(path): np.array(parameter[...]) for path, parameter in flat}
