"""A Keras model's configuration: its layers and inputs, and what in it is no layer of Keras's own. Nothing is built."""

from collections.abc import Iterator, Mapping
from typing import Any

from lab4.domain.contract import Contract, Dimension, TensorSpec
from lab4.domain.errors import ConversionError
from lab4.domain.untyped import Untyped
from lab4.inspection.guesses import image_layout

_OWN = {"keras", "tf_keras", "builtins"}
#: Layers that hold code of the file, and how Keras writes a Python function.
_CODE = {"Lambda", "__lambda__", "function"}
_MODELS = {"Sequential", "Functional", "Model"}


def _parts(config: object) -> Iterator[dict[str, Any]]:
    """Every part that names a class, however deep."""
    left = [config]
    while left:
        part = left.pop()
        if isinstance(part, dict):
            if isinstance(part.get("class_name"), str):
                yield part
            left.extend(part.values())
        elif isinstance(part, list):
            left.extend(part)


def foreign_code(config: object) -> tuple[str, ...]:
    """What would run code that is not Keras's own when a model is made of ``config``."""
    found = set()
    for part in _parts(config):
        module = str(part.get("module") or "keras")
        if part["class_name"] in _CODE:
            found.add("a Lambda layer" if part["class_name"] == "Lambda" else "a Python function")
        elif module.partition(".")[0] not in _OWN or (part.get("registered_name") or "").count(">"):
            found.add(f"{module}.{part['class_name']}" if part.get("module") else str(part["registered_name"]))
    return tuple(sorted(found))


def layer_classes(config: Mapping[str, Any]) -> list[str]:
    """The class of each layer, those of inner models too."""
    layers = config["config"]["layers"] if isinstance(config.get("config"), dict) else []
    found: list[str] = []
    for layer in layers:
        found += layer_classes(layer) if layer["class_name"] in _MODELS else [layer["class_name"]]
    return found


def contract_of(config: Mapping[str, Any], name: str) -> Contract:
    """Inputs as the configuration has them, and the outputs' names: their dimensions need the model to be built."""
    try:
        layers = config["config"]["layers"]
        by_name = {str(layer["config"]["name"]): layer for layer in layers}
        inputs = _named(config["config"].get("input_layers")) or [next(iter(by_name))]
        outputs = _named(config["config"].get("output_layers")) or [list(by_name)[-1]]
        return Contract(
            tuple(_input(each, by_name[each]["config"]) for each in inputs),
            tuple(TensorSpec(each, "float32", None) for each in outputs),
        )
    except (KeyError, TypeError, IndexError, StopIteration) as error:
        raise ConversionError(f"{name} has a Keras configuration that names no inputs and outputs") from error


def _named(layers: Untyped) -> list[str]:
    """Layers are written as [name, node, tensor], one alone or in a list, or by the output's name."""
    if isinstance(layers, dict):
        return [name for each in layers.values() for name in _named(each)]
    if layers and isinstance(layers[0], str):
        return [layers[0]]
    return [str(each[0]) for each in layers or ()]


def _input(name: str, config: Mapping[str, Any]) -> TensorSpec:
    shape = config.get("batch_shape") or config.get("batch_input_shape")
    dtype = config.get("dtype", "float32")
    dtype = dtype if isinstance(dtype, str) else str(dtype["config"]["name"])  # Keras 3 writes a policy
    if shape is None:
        return TensorSpec(name, dtype, None)
    dimensions = tuple(Dimension(None if size is None else int(size)) for size in shape)
    return TensorSpec(name, dtype, dimensions, image_layout(dimensions))
