"""A Keras model in memory, of Keras 2 or 3: its tensors, its layers and what they multiply."""

from collections.abc import Callable, Iterator
from math import prod

from lab4.domain.contract import Contract, Dimension, TensorSpec
from lab4.domain.inspected import Inspected
from lab4.domain.untyped import Untyped
from lab4.inspection.arithmetic import convolution, matrix_product, recurrent, transposed_convolution
from lab4.inspection.guesses import image_layout, task_of
from lab4.inspection.sums import operators_of, weights_of


def inspected(model: Untyped, container: str) -> Inspected:
    """Describe a built model; ``container`` is the kind of file that it came in."""
    weights = [(_dtype(each), prod(each.shape), prod(each.shape) * _itemsize(each)) for each in model.weights]
    return Inspected(
        container=container,
        contract=_contract(model),
        versions={},
        parameters=sum(values for _, values, _ in weights),
        operators=operators_of((type(layer).__name__, layer_macs(layer)) for layer in layers_of(model)),
        weights=weights_of(weights),
        macs_note="for one example, every other dynamic dimension 1",
    )


def layers_of(model: Untyped) -> Iterator[Untyped]:
    """The layers, those of inner models too; inputs are none."""
    for layer in model.layers:
        if hasattr(layer, "layers"):
            yield from layers_of(layer)
        elif type(layer).__name__ != "InputLayer":
            yield layer


def _contract(model: Untyped) -> Contract:
    inputs = tuple(_tensor(name, each) for name, each in zip(_names(model, "input"), model.inputs, strict=True))
    outputs = tuple(_tensor(name, each) for name, each in zip(_names(model, "output"), model.outputs, strict=True))
    return Contract(inputs, outputs, (), task_of(outputs, {outputs[0].name: _activation(model)} if outputs else {}))


def _names(model: Untyped, side: str) -> list[str]:
    """The names of inputs or outputs: Keras 2 has lists of them, Keras 3 names the tensors."""
    names = getattr(model, f"{side}_names", None)
    return [str(each.name) for each in getattr(model, f"{side}s")] if names is None else list(names)


def _activation(model: Untyped) -> str:
    """The name of the last layer's class and of its activation."""
    last = model.layers[-1]
    return f"{type(last).__name__} {getattr(getattr(last, 'activation', None), '__name__', '')}"


def _tensor(name: str, tensor: Untyped) -> TensorSpec:
    dimensions = tuple(Dimension(None if size is None else int(size)) for size in tensor.shape)
    return TensorSpec(name, _dtype(tensor), dimensions, image_layout(dimensions))


def _dtype(tensor: Untyped) -> str:
    return str(getattr(tensor.dtype, "name", tensor.dtype))


def _itemsize(tensor: Untyped) -> int:
    import numpy as np

    return int(np.dtype(_dtype(tensor)).itemsize)


def layer_macs(layer: Untyped) -> int | None:
    """Multiply-accumulates of a layer for one example; ``None`` for a class without a rule that has weights."""
    rule = _RULES.get(type(layer).__name__)
    if rule is None:
        has_weights = any(len(each.shape) > 1 for each in layer.weights)
        return None if has_weights else 0
    try:
        return rule(layer)
    except (AttributeError, ValueError, RuntimeError):  # used several times, or never
        return None


def _shape(tensor: Untyped) -> tuple[int, ...]:
    return tuple(1 if size is None else int(size) for size in tensor.shape)


def _weights(layer: Untyped) -> list[tuple[int, ...]]:
    """The shapes of the layer's matrices, in order."""
    return [_shape(each) for each in layer.weights if len(each.shape) > 1]


def _dense(layer: Untyped) -> int | None:
    return matrix_product(_shape(layer.output), _weights(layer)[0][0])


def _conv(layer: Untyped) -> int | None:
    return convolution(_shape(layer.output), _weights(layer)[0][:-1])


def _depthwise(layer: Untyped) -> int | None:
    return convolution(_shape(layer.output), _weights(layer)[0][:-2])


def _separable(layer: Untyped) -> int | None:
    depthwise, pointwise = _weights(layer)
    output = _shape(layer.output)
    middle = (*output[:-1], prod(depthwise[-2:]))
    return prod(middle) * prod(depthwise[:-2]) + prod(output) * pointwise[-2]


def _transposed(layer: Untyped) -> int | None:
    return transposed_convolution(_shape(layer.input), _weights(layer)[0][:-1])


def _recurrent(layer: Untyped) -> int | None:
    return recurrent(_shape(layer.input)[1], 1, *_weights(layer))


def _nothing(layer: Untyped) -> int | None:
    """Weights that are looked up or added, not multiplied and summed."""
    del layer
    return 0


_RULES: dict[str, Callable[[Untyped], int | None]] = {
    "Dense": _dense,
    "Conv1D": _conv,
    "Conv2D": _conv,
    "Conv3D": _conv,
    "DepthwiseConv1D": _depthwise,
    "DepthwiseConv2D": _depthwise,
    "SeparableConv1D": _separable,
    "SeparableConv2D": _separable,
    "Conv1DTranspose": _transposed,
    "Conv2DTranspose": _transposed,
    "Conv3DTranspose": _transposed,
    "LSTM": _recurrent,
    "GRU": _recurrent,
    "SimpleRNN": _recurrent,
    "Embedding": _nothing,
    "PReLU": _nothing,
}
