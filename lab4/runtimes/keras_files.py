"""Keras's own model files, read without running what they hold."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from lab4.domain.errors import ConversionError, UnsafeModelError
from lab4.domain.text import first_line
from lab4.domain.untyped import Untyped
from lab4.frameworks import h5py, keras, tensorflowjs
from lab4.tensor_names import input_names

#: Of Keras's own layers, the one that holds code of the file.
_CODE = frozenset({"Lambda"})
#: What Keras and HDF5 raise where a file is damaged, or no model.
_OF_DAMAGED_FILES = (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError)
#: What to do about a file that would run code of its own: one of the cache, and one of the user's.
_OF_CACHE = "remove it with lab4 cache clear, and let the model be built again"
OF_USER = "let it run with --lab4-trust if you know who wrote it, or leave that out of the model"
#: How Keras writes a tuple and a shape in JSON.
_PLAIN = frozenset({"__tuple__", "TensorShape"})


def load_model(path: Path, *, is_trusted: bool = False, remedy: str = _OF_CACHE) -> Untyped:
    """Load the model without compiling it; ``is_trusted`` where code that it holds may run.

    ``remedy`` is what to do about a file that would run such code. Raises `ConversionError` where the file cannot be
    read, and `UnsafeModelError` where it would run code that is not Keras's own.
    """
    try:
        with h5py().File(path, "r") as file:  # of anything else than HDF5 Keras would choose another reader
            if not is_trusted:
                check_config(json.loads(file.attrs["model_config"]), path.name, remedy)
            return keras().models.load_model(file, compile=False, safe_mode=not is_trusted)
    except _OF_DAMAGED_FILES as error:
        raise ConversionError(f"{path.name} does not load in Keras: {first_line(error)}") from error


def load_web_model(folder: Path, *, is_trusted: bool = False) -> Untyped:
    """Rebuild a TensorFlow.js layers model from model.json and its shards, by the converter's own loader.

    Raises as `load_model`, and `UnavailableError` where the converter is not installed.
    """
    file = folder / "model.json"
    try:
        if not is_trusted:
            topology = json.loads(file.read_text(encoding="utf-8"))["modelTopology"]
            # How it was trained is next to it, and is not made again.
            check_config(topology.get("model_config", topology), folder.name, OF_USER)
        # The converter's loader has no option for it.
        with keras().src.saving.serialization_lib.SafeModeScope(safe_mode=not is_trusted):
            return tensorflowjs().converters.load_keras_model(str(file))
    except _OF_DAMAGED_FILES as error:
        raise ConversionError(f"{folder.name} does not load: {first_line(error)}") from error


def keras_inputs(model: Untyped, inputs: Mapping[str, Any]) -> Untyped:
    """The inputs of a call as the Keras model takes them: an array, or a list in the model's own order."""
    names = input_names(inputs, list(model.input_names))
    ordered = [inputs[names[name]] for name in model.input_names]
    return ordered[0] if len(ordered) == 1 else ordered


def keras_outputs(model: Untyped, outputs: Untyped) -> dict[str, Any]:
    """What a call of the Keras model returned, by the model's names of its outputs."""
    if isinstance(outputs, Mapping):
        return dict(outputs)
    several = outputs if isinstance(outputs, list | tuple) else [outputs]
    return dict(zip(model.output_names, several, strict=True))


def check_config(config: object, name: str, remedy: str = _OF_CACHE) -> None:
    """Check the configuration of the model in the file ``name``, parsed from JSON.

    Keras's safe mode is not enough: it is for its newest format only, and imports any module that a file names. Raises
    `UnsafeModelError` for a class that is not one of Keras's own layers, initializers, regularizers and the like.
    """
    known = _known()
    for found in _classes(config):
        class_name, module = found["class_name"], found.get("module")
        is_known = isinstance(class_name, str) and class_name in known
        if not is_known or not (module is None or str(module).partition(".")[0] in {"keras", "tf_keras"}):
            raise UnsafeModelError(
                f"{name} has a {class_name!r}, which would run code that is not Keras's own; {remedy}"
            )


def _known() -> set[str]:
    library = keras()
    spaces = (library.layers, library.initializers, library.regularizers, library.constraints, library.mixed_precision)
    names = {name for space in spaces for name, value in vars(space).items() if isinstance(value, type)}
    return names - _CODE | _PLAIN | {"Sequential", "Functional", "Model"}


def _classes(config: object) -> Iterator[dict[str, Any]]:
    """Every part that names a class, however deep."""
    left = [config]
    while left:
        part = left.pop()
        if isinstance(part, dict):
            if "class_name" in part:
                yield part
            left.extend(part.values())
        elif isinstance(part, list):
            left.extend(part)
