"""What a model's graph is made of: its layers with weights, in the order in which they compute, in canonical layout."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import onnx
from onnx import numpy_helper
from onnx.reference import ReferenceEvaluator

from impls.spec import Array, NetLesson, Weights

RECURRENT = ("RNN", "GRU", "LSTM", "Loop", "Scan", "If")
BETWEEN = ("Identity", "Reshape", "Squeeze", "Transpose")  # what may stand between a product and the bias of its layer
TO_CANONICAL = (0, 2, 3, 1)  # of images that are channels first


@dataclass(frozen=True)
class Layer:
    """A dense layer or a convolution, with the addition of its bias where that is a node of its own.

    Args:
        kernel_name: of the initialiser.
        kernel: canonical.
        bias: (outputs,), or None.
        inputs: the name of the value that goes in; that before a padding of its own.
        outputs: the name of the value that comes out.
        inputs_first: whether what goes in has its channels first.
        outputs_first: whether what comes out has.
    """

    kernel_name: str
    kernel: Array
    bias: Array | None
    inputs: str
    outputs: str
    inputs_first: bool
    outputs_first: bool


class Graph:
    """A model's graph, with what in it is constant computed.

    Args:
        model: checked, so that each node comes after those that it needs.
    """

    def __init__(self, model: onnx.ModelProto) -> None:
        self._producers = {name: node for node in model.graph.node for name in node.output}
        self._consumers: dict[str, list[onnx.NodeProto]] = {}
        for node in model.graph.node:
            for name in node.input:
                self._consumers.setdefault(name, []).append(node)
        self._output = model.graph.output[0].name
        self._constants = _constants(model)

    def recurrent(self) -> str:
        """The first operator that repeats, or branches; empty if there is none."""
        return next((node.op_type for node in self._ordered() if node.op_type in RECURRENT), "")

    def layers(self) -> list[Layer]:
        """The layers that the output depends on, in the order of ``_ordered``; of a shared one, each use."""
        return [layer for node in self._ordered() if (layer := self._layer(node))]

    def _ordered(self) -> Iterator[onnx.NodeProto]:
        """Each node after those that it needs, these in the order of its inputs.

        Branches so come in the order in which they are joined, in whatever order the exporter has written them.
        """
        seen: set[str] = set()
        waiting = [(self._output, False)]
        while waiting:
            name, needs_nothing = waiting.pop()
            node = self._producers.get(name)
            if node is None or (not needs_nothing and name in seen):
                continue
            if needs_nothing:
                yield node
            else:
                seen |= set(node.output)
                waiting += [(name, True), *((needed, False) for needed in reversed(node.input))]

    def _layer(self, node: onnx.NodeProto) -> Layer | None:
        if node.op_type not in ("Gemm", "MatMul", "Conv") or node.input[1] not in self._constants:
            return None
        attributes = {each.name: onnx.helper.get_attribute_value(each) for each in node.attribute}
        kernel, is_conv = self._constants[node.input[1]], node.op_type == "Conv"
        if attributes.get("transA"):
            return None
        if is_conv:  # (out, in, height, width)
            kernel = kernel.transpose(*range(2, kernel.ndim), 1, 0)
        elif attributes.get("transB"):
            kernel = kernel.T
        kernel = attributes.get("alpha", 1.0) * kernel
        output, outputs_first, bias = node.output[0], is_conv, None
        if len(node.input) > 2 and node.input[2]:
            bias = self._constants.get(node.input[2])
            bias = None if bias is None else attributes.get("beta", 1.0) * bias.ravel()
        elif added := self._bias_after(node, kernel.shape[-1]):
            output, bias, moved = added
            outputs_first = is_conv and not moved
        return Layer(node.input[1], kernel, bias, self._unpadded(node.input[0]), output, is_conv, outputs_first)

    def _bias_after(self, node: onnx.NodeProto, outputs: int) -> tuple[str, Array, bool] | None:
        """Of an addition that follows: its output, the bias, and whether the channels were put last before it."""
        moved = False
        while len(followers := self._consumers.get(node.output[0], [])) == 1:
            node = followers[0]
            if node.op_type == "Add":
                for name in node.input:
                    if name in self._constants and self._constants[name].size == outputs:
                        return node.output[0], self._constants[name].ravel(), moved
            if node.op_type not in BETWEEN:
                break
            moved = moved or node.op_type == "Transpose"
        return None

    def _unpadded(self, name: str) -> str:
        producer = self._producers.get(name)
        return producer.input[0] if producer is not None and producer.op_type == "Pad" else name


def _constants(model: onnx.ModelProto) -> Weights:
    """Every value that no input has a part in, computed."""
    known = {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
    names, nodes = set(known), []
    for node in model.graph.node:
        simple = not any(each.HasField("g") for each in node.attribute)
        if simple and (node.input or node.op_type == "Constant") and names.issuperset(filter(None, node.input)):
            nodes.append(node)
            names |= set(node.output)
    if nodes:
        graph = onnx.helper.make_graph(nodes, "constants", [], [], model.graph.initializer)
        part = onnx.helper.make_model(graph, opset_imports=model.opset_import, functions=model.functions)
        known |= ReferenceEvaluator(part).run(None, {}, intermediate=True)
    return known


def matched(lesson: NetLesson, layers: list[Layer]) -> list[tuple[str, Layer]]:
    """Layers with the sub-modules of the lesson's that they are, each use of a shared one.

    By the names of the kernels' initialisers where these are the lesson's, else the i-th layer is the i-th sub-module.
    Those that are too many keep the initialiser's name.
    """
    modules = list(dict.fromkeys(parameter.name.rpartition(".")[0] for parameter in lesson.parameters))
    kernels = list(dict.fromkeys(layer.kernel_name for layer in layers))
    names = {kernel: kernel.rpartition(".")[0] or kernel for kernel in kernels}
    if not set(modules) <= set(names.values()):
        names = dict(zip(kernels, kernels, strict=True)) | dict(zip(kernels, modules, strict=False))
    return [(names[layer.kernel_name], layer) for layer in layers]


def parameters_of(uses: list[tuple[str, Layer]]) -> Weights:
    """The parameters of matched layers by the lesson's names, in float64."""
    found: Weights = {}
    for module, layer in uses:
        found[f"{module}.kernel"] = layer.kernel.astype(np.float64)
        if layer.bias is not None:
            found[f"{module}.bias"] = layer.bias.astype(np.float64)
    return found


def inner_of(uses: list[tuple[str, Layer]], values: Weights) -> Weights:
    """What goes into and comes out of matched layers, under ``impls.inner``'s names, in its order and canonical."""
    notes: Weights = {}
    calls: dict[str, int] = {}
    for module, layer in uses:
        calls[module] = calls.get(module, 0) + 1
        call = module if calls[module] == 1 else f"{module} call {calls[module]}"
        for kind, name, first in (
            ("input", layer.inputs, layer.inputs_first),
            ("output", layer.outputs, layer.outputs_first),
        ):
            array = values[name]
            notes[f"{call} {kind}"] = array.transpose(TO_CANONICAL) if first and array.ndim == 4 else array
    return notes
