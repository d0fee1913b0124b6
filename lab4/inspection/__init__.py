"""What a model's file holds: its contract, operators and weights, read without running it; one file per container."""

import struct
from collections.abc import Mapping
from pathlib import Path

from lab4.domain.contract import require_known
from lab4.domain.errors import ConversionError, Lab4Error
from lab4.domain.inspected import Inspected, Operator, Weights
from lab4.domain.registry import Registry
from lab4.domain.text import first_line
from lab4.functions import is_function
from lab4.inspection.function import inspect_function
from lab4.inspection.reader import Reader

__all__ = ["READERS", "Inspected", "Operator", "Reader", "Weights", "inspect_model", "reader_of"]

READERS: Registry[Reader] = Registry(
    "reader of models",
    {
        "onnx": "lab4.inspection.onnx_file:ONNX_FILE",
        "tflite": "lab4.inspection.tflite_file:TFLITE_FILE",
        "keras": "lab4.inspection.keras_files:KERAS_ARCHIVE",
        "hdf5": "lab4.inspection.keras_files:KERAS_H5",
        "saved_model": "lab4.inspection.saved_model:SAVED_MODEL_FOLDER",
        "tfjs": "lab4.inspection.tfjs_folder:TFJS_FOLDER",
    },
    "lab4.readers",
    Reader,
)


#: What readers raise of a file whose numbers and texts are not what they should be.
_DAMAGE = (
    *(ValueError, TypeError, LookupError, AttributeError, ArithmeticError),
    *(RecursionError, MemoryError, EOFError, struct.error),
)


def inspect_model(written: str, dimensions: Mapping[str, int] | None = None) -> Inspected:
    """Describe the model in a file or folder, or that a function builds; ``dimensions`` binds dynamic ones by name.

    Raises:
        ConversionError: where the file is damaged or is no model.
        UnknownNameError: for a dimension that the model does not have.
        Lab4Error: where there is none, or no reader knows it.
        UnavailableError: where a package that reads it is missing.
    """
    if is_function(written):
        return inspect_function(written)
    found = _read(reader_of(written), Path(written), dimensions or {})
    require_known(found.contract, dimensions or {})
    return found


def reader_of(written: str) -> Reader:
    """The reader that recognises a file or folder by its name and first bytes.

    Raises:
        Lab4Error: where there is none, or no reader knows it.
    """
    path = Path(written)
    if not path.exists():
        raise Lab4Error(f"there is no file {written}; to name a function, write package.module:build or file.py:build")
    for name in READERS:
        if READERS[name].recognises(path):
            return READERS[name]
    known = ", ".join(READERS[name].written for name in READERS)
    raise Lab4Error(f"{written} is no model that lab4 knows; it reads {known}, or a function that builds a Keras model")


def _read(reader: Reader, path: Path, dimensions: Mapping[str, int]) -> Inspected:
    try:
        return reader.read(path, dimensions)
    except _DAMAGE as error:
        raise ConversionError(
            f"{path.name} does not read as {reader.label}, and may be damaged or only a part: {first_line(error)}"
        ) from error
