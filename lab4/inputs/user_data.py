"""A user's data as arrays by key: an ``.npz``, a folder of images with one folder per class, or a function."""

import hashlib
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from lab4.domain.errors import DatasetError, UnavailableError
from lab4.domain.text import first_line
from lab4.domain.untyped import Untyped
from lab4.frameworks import pillow_image
from lab4.functions import function_of, is_function

_ENDINGS = frozenset({".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp", ".tif", ".tiff", ".ppm", ".pgm"})
#: Folders in a folder of images that are parts of a data set rather than classes.
_PARTS = ("train", "val", "validation", "valid", "test")
#: One that classes are called as well: it is a part where it has classes itself.
_MAY_BE_CLASS = "valid"


def read_user_data(written: str) -> dict[str, Any]:
    """The arrays of a data set by key. Nothing is unpickled.

    Raises:
        DatasetError: with the file or array at fault.
        Lab4Error: where a function is not there.
    """
    with DatasetError.prefixed(f"{written}: "):
        if is_function(written):
            return _of_function(written)
        path = Path(written)
        if path.is_dir():
            return _of_folder(path)
        if not path.is_file():
            raise DatasetError("there is no such file")
        return _of_npz(path)


def data_name(written: str) -> str:
    """What a data set is called in a record.

    >>> data_name("/home/me/d.npz"), data_name("own.py:load")
    ('d.npz', 'own.py:load')
    """
    return written if is_function(written) else Path(written).name


def digest_of(arrays: Mapping[str, Any]) -> str:
    """A digest of arrays by name."""
    digest = hashlib.sha256()
    for name, array in arrays.items():
        digest.update(f"{name} {array.dtype} {array.shape}".encode())
        digest.update(array.tobytes() if array.dtype != object else repr(array.tolist()).encode())
    return digest.hexdigest()


def _of_function(written: str) -> dict[str, Any]:
    function = function_of(written)
    try:
        found = function()
    except Exception as error:
        raise DatasetError(f"it raised {type(error).__name__}: {first_line(error)}") from error
    if not isinstance(found, Mapping) or not found:
        raise DatasetError(f"it returned a {type(found).__name__}; return a dict of arrays by name")
    return {str(name): _plain(str(name), np.asarray(each)) for name, each in found.items()}


def _of_npz(path: Path) -> dict[str, Any]:
    if not zipfile.is_zipfile(path):
        raise DatasetError("it is not a whole .npz file; save it again with numpy.savez(path, x=..., y=...)")
    try:
        with np.load(path, allow_pickle=False) as file:
            return {name: _plain(name, _array(file, name)) for name in file.files}
    except DatasetError:
        raise
    except Exception as error:  # noqa: BLE001  # zipfile and numpy raise anything on damaged bytes
        raise DatasetError(f"it is not a whole .npz file ({first_line(error)}); save it again") from None


def _array(file: Untyped, name: str) -> Untyped:
    try:
        return file[name]
    except Exception as error:  # noqa: BLE001  # zipfile, zlib and numpy raise anything on damaged bytes
        if isinstance(error, ValueError) and "allow_pickle" in str(error):
            raise DatasetError(f"{name} holds Python objects; save it as an array of numbers") from None
        raise DatasetError(f"{name} is damaged ({first_line(error)}); save the file again") from None


def _plain(name: str, array: Untyped) -> Untyped:
    if not isinstance(array, np.ndarray):  # numpy hands over the bytes of what is no array
        raise DatasetError(f"{name} is not an array; save the file again with numpy.savez")
    if array.dtype == object and all(isinstance(each, str) for each in array.ravel()):
        return array.astype(np.str_)
    if array.dtype.kind not in "iufbU":
        raise DatasetError(f"{name} holds {array.dtype}; save it as an array of numbers")
    return array


def _of_folder(folder: Path) -> dict[str, Any]:
    parts = [name for name in _PARTS if (folder / name).is_dir() and (name != _MAY_BE_CLASS or _classes(folder / name))]
    if not parts:
        return _of_classes(folder, "images", "labels", _classes(folder))
    classes = sorted({name for part in parts for name in _classes(folder / part)})
    found: dict[str, Any] = {}
    for part in parts:
        found |= _of_classes(folder / part, f"{part}_images", f"{part}_labels", classes)
    return found


def _classes(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir() if each.is_dir() and not each.name.startswith("."))


def _of_classes(folder: Path, images: str, labels: str, classes: list[str]) -> dict[str, Any]:
    """Images uint8 (n, height, width, 1 or 3) and labels int64 (n,): the place of the folder among all by name."""
    files = [
        (path, label)
        for label, name in enumerate(classes)
        for path in sorted((folder / name).glob("*"))
        if path.suffix.lower() in _ENDINGS
    ]
    if not files:
        raise DatasetError(f"{folder.name} has no images; put them in one folder per class, such as cat/1.png")
    arrays = _alike([(path, _pixels(path)) for path, _ in files])
    return {images: np.stack(arrays), labels: np.array([label for _, label in files])}


def _pixels(path: Path) -> Untyped:
    """Grey images have one channel, all others three."""
    image = pillow_image()
    try:
        with image.open(path) as opened:
            is_grey = opened.mode in {"1", "L"}
            pixels = np.asarray(opened.convert("L" if is_grey else "RGB"))
    except UnavailableError:
        raise
    except Exception as error:  # noqa: BLE001  # Pillow raises anything on damaged bytes
        raise DatasetError(f"{path.name} is no whole image ({first_line(error)}); replace or remove it") from None
    return pixels[..., None] if is_grey else pixels


def _alike(images: Iterable[tuple[Path, Any]]) -> list[Any]:
    found = list(images)
    expected = found[0][1]
    for path, each in found:
        if each.shape != expected.shape:
            sizes = " and ".join(
                f"{a.name} has {' x '.join(map(str, b.shape))} values" for a, b in (found[0], (path, each))
            )
            raise DatasetError(f"{sizes}; make all images of one size and kind")
    return [each for _, each in found]
