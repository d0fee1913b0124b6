"""Models that a Python function builds, written ``package.module:build`` or ``file.py:build``."""

import sys
from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

from lab4.domain.errors import ConversionError, Lab4Error
from lab4.domain.inspected import Inspected
from lab4.domain.text import first_line
from lab4.domain.untyped import Untyped
from lab4.inspection.keras_model import inspected


def is_function(written: str) -> bool:
    """Whether ``written`` names a function rather than a file: it ends in a colon and an identifier.

    >>> is_function("acme.nets:build"), is_function("nets.py:build"), is_function("C:/model.onnx")
    (True, True, False)
    """
    module, colon, name = written.rpartition(":")
    return bool(colon and module) and name.isidentifier() and not Path(written).exists()


def built_by(written: str) -> Untyped:
    """Import the function, call it without arguments and return its model.

    Raises:
        Lab4Error: with what is missing, or what it raised.
    """
    module_name, _, name = written.rpartition(":")
    module = _module(module_name, written)
    if not callable(function := getattr(module, name, None)):
        raise Lab4Error(f"{written}: {module_name} has no function {name}")
    try:
        return function()
    except Exception as error:
        raise Lab4Error(f"{written} raised {type(error).__name__}: {first_line(error)}") from error


def _module(name: str, written: str) -> Untyped:
    if name.endswith(".py") and not Path(name).is_file():
        raise Lab4Error(f"{written}: there is no file {name}")
    try:
        return _from_file(Path(name)) if name.endswith(".py") else import_module(name)
    except Exception as error:
        raise Lab4Error(f"{written}: importing it raised {type(error).__name__}: {first_line(error)}") from error


def _from_file(path: Path) -> Untyped:
    spec = spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path} is no Python file")
    module = module_from_spec(spec)
    sys.modules.setdefault(path.stem, module)  # dataclasses and pickling look it up
    spec.loader.exec_module(module)
    return module


def inspect_function(written: str) -> Inspected:
    """Describe the Keras model that the function returns.

    Raises:
        ConversionError: where it returns something else.
    """
    model = built_by(written)
    if not all(hasattr(type(model), each) for each in ("layers", "get_weights", "call")):
        raise ConversionError(f"{written} returned a {type(model).__name__}; it must return a Keras model")
    if not getattr(model, "inputs", None):
        raise ConversionError(f"{written} returned a model that is not built: begin it with an Input layer")
    return inspected(model, "function")
