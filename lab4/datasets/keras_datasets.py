"""Keras's own datasets: files already in the folder ``LAB4_DATA_DIR``, or downloaded by Keras.

Keras's test images are the validation images. Files of the user are never changed: Keras overwrites or removes a
file whose checksum it does not like, so it is only shown links to files that were checked before.
"""

import gzip
import hashlib
import os
import shutil
import socket
import warnings
import zlib
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from lab4.datasets.arrays import checked_dataset, load_npz
from lab4.datasets.dataset import Dataset
from lab4.domain.errors import DatasetError
from lab4.domain.text import first_line
from lab4.domain.untyped import Untyped
from lab4.frameworks import keras
from lab4.storage.settings import user_path

_MNIST = ("mnist.npz",)
_FASHION = (
    "train-labels-idx1-ubyte.gz",
    "train-images-idx3-ubyte.gz",
    "t10k-labels-idx1-ubyte.gz",
    "t10k-images-idx3-ubyte.gz",
)
#: The archive's published name, and the one that Keras keeps it by.
_CIFAR = ("cifar-10-python.tar.gz", "cifar-10-batches-py.tar.gz")
#: The published file's, which Keras asks for too.
_CIFAR_SHA256 = "6d958be074577803d12ecdefd02955f39262c83c16fe9348329d7fe0b5c001ce"
#: How long a silent host is waited for, in seconds; Keras itself would wait forever.
_SILENCE_S = 20.0


def mnist() -> Dataset:
    """The whole of MNIST: 60,000 and 10,000 images; ``mnist.npz`` in LAB4_DATA_DIR."""
    folder = _folder_with("mnist", _MNIST)
    return _downloaded("mnist", _MNIST) if folder is None else replace(load_npz(folder / _MNIST[0]), name="mnist")


def fashion_mnist() -> Dataset:
    """Fashion-MNIST: 60,000 and 10,000 images; its four ``.gz`` files in LAB4_DATA_DIR or ``fashion-mnist/`` in it."""
    folder = _folder_with("fashion-mnist", _FASHION)
    if folder is None:
        return _downloaded("fashion_mnist", _FASHION)
    return _from_files("fashion_mnist", {f"datasets/fashion-mnist/{name}": folder / name for name in _FASHION})


def cifar10() -> Dataset:
    """CIFAR-10: 50,000 and 10,000 images of 32x32x3; ``cifar-10-python.tar.gz`` in LAB4_DATA_DIR.

    The archive may also have the name that Keras keeps it by, ``cifar-10-batches-py.tar.gz``.
    """
    places = [(_folder_with("cifar-10", (name,)), name) for name in _CIFAR]
    archives = [folder / name for folder, name in places if folder is not None]
    if not archives:
        return _downloaded("cifar10", _CIFAR[:1])
    archive = archives[0]
    try:
        found = hashlib.sha256(archive.read_bytes()).hexdigest()
    except OSError as error:
        raise DatasetError(f"{archive} cannot be read ({error.strerror})") from None
    if found != _CIFAR_SHA256:
        raise DatasetError(f"{archive} is not the published file, or is damaged: its checksum differs; fetch it again")
    return _from_files("cifar10", {"datasets/cifar-10-batches-py.tar.gz": archive})


def _folder_with(subfolder: str, names: tuple[str, ...]) -> Path | None:
    """The folder under LAB4_DATA_DIR that holds the files; ``None`` where none of them is there."""
    chosen = os.environ.get("LAB4_DATA_DIR")
    if not chosen:
        return None
    top = user_path(chosen, "LAB4_DATA_DIR")
    if not top.is_dir():
        raise DatasetError(f"LAB4_DATA_DIR is {chosen!r}, which is not a folder")
    for folder in (top, top / subfolder):
        missing = [name for name in names if not (folder / name).is_file()]
        if not missing:
            return folder
        if len(missing) < len(names):
            raise DatasetError(f"{folder} holds only some of the files; {missing[0]} is missing")
    return None


def _from_files(name: str, places: dict[str, Path]) -> Dataset:
    """Let Keras read links to the files from a cache folder of its own shape; without links they are copies."""
    load = getattr(keras().datasets, name).load_data
    with TemporaryDirectory() as cache:
        for place, file in places.items():
            link = Path(cache, place)
            link.parent.mkdir(parents=True, exist_ok=True)
            try:
                link.symlink_to(file.resolve())
            except OSError:
                shutil.copyfile(file, link)
        try:
            arrays = _quietly(partial(load, cache_dir=cache))
        except (OSError, EOFError, ValueError, zlib.error) as error:
            damaged = [file for file in places.values() if not _is_whole(file)]
            names = ", ".join(map(str, damaged or places.values()))
            reason = f"not readable as this dataset ({first_line(error)}); fetch the file again"
            raise DatasetError(f"{names}: {reason}") from None
    return _dataset(name, arrays)


def _is_whole(file: Path) -> bool:
    """Whether the file is gzip and its checksum holds."""
    try:
        with gzip.open(file) as content:
            while content.read(1 << 20):
                pass
    except (OSError, EOFError, zlib.error):
        return False
    return True


def _downloaded(name: str, files: tuple[str, ...]) -> Dataset:
    load = getattr(keras().datasets, name).load_data
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(_SILENCE_S)
    try:
        arrays = _quietly(load)
    except Exception as error:  # noqa: BLE001  # Keras raises a bare Exception when a download fails
        raise DatasetError(
            f"{name} could not be downloaded ({first_line(error).rpartition(' -- ')[2]}); put "
            f"{', '.join(files)} into a folder and set LAB4_DATA_DIR to it, or use --lab4-dataset mnist_10k"
        ) from None
    finally:
        socket.setdefaulttimeout(before)
    return _dataset(name, arrays)


def _quietly(load: Callable[[], Any]) -> Untyped:
    # Keras unpacks archives without the filter that Python 3.12 and 3.13 ask for; it checks the members itself.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return load()


def _dataset(name: str, arrays: Untyped) -> Dataset:
    (x_train, y_train), (x_test, y_test) = arrays
    given = {"x_train": x_train, "y_train": y_train, "x_test": x_test, "y_test": y_test}
    with DatasetError.prefixed(f"{name}: "):
        return checked_dataset(name, given, "test")
