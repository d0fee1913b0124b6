"""Keras's own model files, read without running what they hold."""

import json
from pathlib import Path

from lab4.domain.errors import ConversionError
from lab4.domain.text import first_line
from lab4.domain.untyped import Untyped
from lab4.frameworks import h5py, keras
from lab4.runtimes.keras_config import check_config

__all__ = ["load_model"]


def load_model(path: Path) -> Untyped:
    """Load the model without compiling it.

    Raises:
        ConversionError: where the file cannot be read.
        UnsafeModelError: where it would run code that is not Keras's own.
    """
    try:
        with h5py().File(path, "r") as file:  # of anything else than HDF5 Keras would choose another reader
            check_config(json.loads(file.attrs["model_config"]), path.name)
            return keras().models.load_model(file, compile=False)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ConversionError(f"{path.name} does not load in Keras: {first_line(error)}") from error
