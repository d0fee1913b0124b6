"""A user's own images: an ``.npz`` with x_train, y_train, x_test, y_test, or with x and y to be split."""

import hashlib
import warnings
import zipfile
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from lab4.datasets.checks import (
    checked_classes,
    checked_dataset,
    checked_images,
    checked_labels,
    checked_together,
    scaled,
)
from lab4.datasets.dataset import Dataset
from lab4.datasets.split import stratified
from lab4.domain.errors import DatasetError
from lab4.domain.text import first_line
from lab4.domain.untyped import Untyped

__all__ = ["load"]

_LAYOUTS = (("x_train", "y_train", "x_test", "y_test"), ("x", "y"))
_SEED = 2026
_HELD_OUT = 0.2
_LEAST_PER_CLASS = 5


def load(path: Path) -> Dataset:
    """Load and validate the file; a fifth of x and y is held out, stratified.

    Raises:
        DatasetError: naming the file, the array at fault, and what to do.
    """
    with DatasetError.prefixed(f"{path}: "):
        arrays = _read(path)
        name = f"{path.name} {hashlib.sha256(path.read_bytes()).hexdigest()[:8]}"
        return checked_dataset(name, arrays, "test") if "x_train" in arrays else _own_split(name, arrays)


def _read(path: Path) -> dict[str, Any]:
    if not path.is_file():
        raise DatasetError("there is no such file")
    try:
        # Opened here: numpy leaves it open when it is no zip after all.
        with path.open("rb") as opened:
            _check_zip(opened)
            with np.load(opened, allow_pickle=False) as file:
                return {name: _array(file, name) for name in _layout(list(file.files))}
    except DatasetError:
        raise
    except PermissionError as error:
        raise DatasetError(f"it cannot be read ({error.strerror})") from None
    except Exception as error:  # noqa: BLE001  # zipfile and numpy raise anything on damaged bytes
        raise DatasetError(f"it is not a whole .npz file ({first_line(error)}); save it again") from None


def _check_zip(opened: BinaryIO) -> None:
    if not zipfile.is_zipfile(opened):
        raise DatasetError("it is not a whole .npz file; save it again with numpy.savez(path, x=..., y=...)")
    opened.seek(0)


def _layout(names: list[str]) -> tuple[str, ...]:
    for layout in _LAYOUTS:
        if set(layout) <= set(names):
            return layout
    nearest = _LAYOUTS[0] if any(name.endswith(("_train", "_test")) for name in names) else _LAYOUTS[1]
    missing = ", ".join(name for name in nearest if name not in names)
    found = ", ".join(names) or "none"
    raise DatasetError(f"it has no array {missing}; expected x_train, y_train, x_test, y_test or x, y, found {found}")


def _array(file: Untyped, name: str) -> Untyped:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # numpy on a header that it can read with more effort
            array = file[name]
    except Exception as error:  # noqa: BLE001  # zipfile, zlib and numpy raise anything on damaged bytes
        if isinstance(error, ValueError) and "allow_pickle" in str(error):
            raise DatasetError(f"{name} holds Python objects; save it as an array of numbers") from None
        raise DatasetError(f"{name} is damaged ({first_line(error)}); save the file again") from None
    if not isinstance(array, np.ndarray):  # numpy hands over the bytes of what is no array
        raise DatasetError(f"{name} is not an array; save the file again with numpy.savez")
    return array


def _own_split(name: str, arrays: dict[str, Any]) -> Dataset:
    x, y = checked_images(arrays["x"], "x"), checked_labels(arrays["y"], "y")
    checked_together(x, y, "x", "y")
    classes = checked_classes(y, y, "y", "y")
    rarest = int(np.bincount(y).argmin())
    if int(np.bincount(y)[rarest]) < _LEAST_PER_CLASS:
        raise DatasetError(f"y has fewer than {_LEAST_PER_CLASS} images of class {rarest}, too few to hold some out")
    train, validation = stratified(y, round(len(y) * _HELD_OUT), _SEED)
    x_train, x_validation, remark = scaled(x[train], x[validation])
    return Dataset(name, x_train, y[train], x_validation, y[validation], classes, remark)
