"""Functions of the user's, written ``package.module:name`` or ``file.py:name``; naming one is leave to run it."""

import sys
from collections.abc import Callable
from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import cast

from lab4.domain.errors import Lab4Error
from lab4.domain.text import first_line
from lab4.domain.untyped import Untyped


def is_function(written: str) -> bool:
    """Whether ``written`` names a function rather than a file: it ends in a colon and an identifier.

    >>> is_function("acme.nets:build"), is_function("nets.py:build"), is_function("C:/model.onnx")
    (True, True, False)
    """
    module, colon, name = written.rpartition(":")
    return bool(colon and module) and name.isidentifier() and not Path(written).exists()


def function_of(written: str) -> Callable[..., Untyped]:
    """Import the function.

    Raises:
        Lab4Error: with what is missing, or what importing it raised.
    """
    module_name, _, name = written.rpartition(":")
    function = getattr(_module(module_name, written), name, None)
    if not callable(function):
        raise Lab4Error(f"{written}: {module_name} has no function {name}")
    return cast("Callable[..., Untyped]", function)


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
