"""ONNX for NumPy: symbols stand for the arrays of a forward pass, which writes a graph instead of computing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from impls.spec import Array


@dataclass
class Graph:
    """The ONNX graph of a net, as plain data: what its forward pass has written so far."""

    parameters: Mapping[str, Array]
    nodes: list[tuple[str, list[str], str, dict[str, Any]]] = field(default_factory=list)
    constants: dict[str, Array] = field(default_factory=dict)

    def model(self, y: Symbol, input_shape: tuple[int, ...], output_shape: tuple[int, ...], dtype: Any) -> Any:
        """The graph as an ONNX model of input ``x`` and output ``y``, their first dimension free.

        Args:
            y: what the net's forward pass returned for the symbol ``x``.
            input_shape: of one example.
            output_shape: of one example.
            dtype: of both.
        """
        from onnx import helper, numpy_helper  # exporting alone needs it

        y = y.lay(channels_first=False)
        kind = helper.np_dtype_to_tensor_dtype(np.dtype(dtype))
        nodes = [
            helper.make_node(operator, inputs, ["y" if output == y.name else output], name=output, **attributes)
            for operator, inputs, output, attributes in self.nodes
        ]
        ends = [
            [helper.make_tensor_value_info(name, kind, ["batch", *shape])]
            for name, shape in (("x", input_shape), ("y", output_shape))
        ]
        # A scalar stays one: np.ascontiguousarray would make a vector of it.
        constants = [
            numpy_helper.from_array(np.array(value, order="C"), name) for name, value in self.constants.items()
        ]
        return helper.make_model(
            helper.make_graph(nodes, "net", *ends, constants),
            opset_imports=[helper.make_opsetid("", 18)],
            ir_version=10,
            producer_name="numpy",
            producer_version=np.__version__,
        )


@dataclass(frozen=True)
class Symbol:
    """Stands for an array in a forward pass that computes nothing and writes a graph.

    ONNX has images with the channels first; ``channels_first`` says how this one lies at present.
    """

    graph: Graph
    name: str
    channels_first: bool = False

    def node(self, operator: str, *inputs: str, channels_first: bool = False, **attributes: Any) -> Symbol:
        """The result of an operator on this array and further inputs, given by their names in the graph."""
        output = f"{operator.lower()}_{len(self.graph.nodes)}"
        self.graph.nodes.append((operator, [self.name, *inputs], output, attributes))
        return Symbol(self.graph, output, channels_first)

    def parameter(self, array: Array, *axes: int) -> str:
        """The name in the graph of a layer's parameter, its axes permuted if any are given."""
        name = next(name for name, value in self.graph.parameters.items() if value is array)
        self.graph.constants[name] = array.transpose(axes) if axes else array
        return name

    def constant(self, name: str, value: Array) -> Symbol:
        """An array of the graph's own, by a name of which it has one alone."""
        self.graph.constants[name] = value
        return Symbol(self.graph, name)

    def __getitem__(self, place: tuple[slice, int]) -> Symbol:
        """One step of sequences (batch, steps, features): ``x[:, step]``."""
        step = place[1]
        return self.node("Gather", self.constant(f"step_{step}", np.array(step)).name, axis=1)

    def lay(self, channels_first: bool) -> Symbol:
        """The same images with their channels first, or last."""
        if self.channels_first == channels_first:
            return self
        axes = [0, 3, 1, 2] if channels_first else [0, 2, 3, 1]
        return self.node("Transpose", channels_first=channels_first, perm=axes)
