"""From what a user writes to a `Source`: which container, which format, which name."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from lab4.domain.errors import Lab4Error
from lab4.domain.inspected import Inspected
from lab4.domain.source import Source
from lab4.formats.routes import of_container, original_of
from lab4.functions import is_function
from lab4.inspection import inspect_model, reader_of

#: What may not be in a name.
_FOREIGN = re.compile(r"[^A-Za-z0-9_.-]+")


def names_of(written: Sequence[str]) -> list[str]:
    """A name for each model: its file's without the ending, or its function's; with the ending where two are equal.

    >>> names_of(["a/net.onnx", "b/my net.tflite", "nets.py:small", "net.tflite"])
    ['net.onnx', 'my_net', 'small', 'net.tflite']
    """
    stems = [file_name(each.rpartition(":")[2] if is_function(each) else Path(each).stem) for each in written]
    return [
        stem if stems.count(stem) == 1 else file_name(Path(each).name)
        for stem, each in zip(stems, written, strict=True)
    ]


def file_name(text: str) -> str:
    """The text with underscores for what may not be in a name."""
    return _FOREIGN.sub("_", text).strip(".-") or "model"


def source_of(name: str, written: str, rules: Mapping[str, str], sizes: Mapping[str, int], dataset: str = "") -> Source:
    """Look at a model as far as that opens no framework.

    Raises:
        Lab4Error: where there is no such file or function, or the file is no model.
    """
    if is_function(written):
        return Source(name, written, "function", rules=rules, sizes=sizes, dataset=dataset)
    reader = reader_of(written)
    named = Path(written).absolute()
    path = str(named.parent if reader.is_folder and named.is_file() else named)
    if reader.opens_framework:
        original = of_container(reader.name)
        return Source(name, path, reader.name, "", None, original, rules, sizes, dataset)
    found = inspect_model(written, sizes)
    _require_inputs(found, rules, written)
    precision = found.weights[0].dtype if found.weights else ""
    original = original_of(found)
    model = Source(name, path, found.container, precision, found.contract, original, rules, sizes, dataset)
    return replace(model, code=found.code)


def dimensions_of(written: str) -> frozenset[str] | None:
    """The names of a model's dynamic dimensions; ``None`` where a framework must be opened for them.

    Raises:
        Lab4Error: as `source_of` does.
    """
    if is_function(written) or reader_of(written).opens_framework:
        return None
    inputs = inspect_model(written).contract.inputs
    return frozenset(name for tensor in inputs for name in tensor.dynamic.values())


def _require_inputs(found: Inspected, rules: Mapping[str, str], written: str) -> None:
    known = [tensor.name for tensor in found.contract.inputs]
    for name in rules:
        if name not in known:
            raise Lab4Error(f"{written} has no input {name!r}; it has {', '.join(known)}")
