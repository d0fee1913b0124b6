"""The embedded images, a user's own in an ``.npz``, and what images and labels must be to train on them."""

import hashlib
import warnings
import zipfile
from collections.abc import Mapping
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

import numpy as np

from lab4.datasets.dataset import Dataset
from lab4.domain.errors import DatasetError
from lab4.domain.text import first_line
from lab4.domain.untyped import Untyped

#: With a split of its own, or to be split.
_LAYOUTS = (("x_train", "y_train", "x_test", "y_test"), ("x", "y"))
_LEAST_SIDE = 8
_LEAST_CLASSES = 2
#: Images whose values are all in the lower half of the dtype's range do not use that range.
_HALF_OF_UINT8 = 127
_HALF_OF_FLOATS = 0.5
#: Far above any number of classes, far below what makes counting them by label a matter of memory.
_HIGHEST_LABEL = 1_000_000
#: How images without a split of their own are split: the seed, the share held out, and what a class must have for it.
_SEED, _HELD_OUT, _LEAST_PER_CLASS = 2026, 0.2, 5


def mnist_10k() -> Dataset:
    """The embedded default: the first 10,000 MNIST training images (see ATTRIBUTION.md in their folder).

    8,000 are to train, 2,000 to validate.
    """
    with as_file(files("lab4.datasets") / "data" / "mnist_10k.npz") as path, np.load(path) as file:
        x, y = file["x"][..., np.newaxis], file["y"].astype(np.int64)
    train, validation = stratified(y, 2_000, _SEED)
    return Dataset("mnist_10k", x[train], y[train], x[validation], y[validation], classes=10)


def stratified(labels: Untyped, validation: int, seed: int) -> tuple[Any, Any]:
    """Split rows so that each class has its share: returns the rows for training and for validation, shuffled.

    ``labels`` are integers (n,); exactly ``validation`` rows are held out, each class giving its share rounded down
    and the largest remainders one more. Depends on the arguments only.
    """
    rng = np.random.default_rng(seed)
    classes, counts = np.unique(labels, return_counts=True)
    shares = counts * (validation / len(labels))
    held = np.floor(shares).astype(int)
    held[np.argsort(held - shares, kind="stable")[: validation - held.sum()]] += 1
    by_class = [rng.permutation(np.flatnonzero(labels == label)) for label in classes]
    train = np.concatenate([rows[count:] for rows, count in zip(by_class, held, strict=True)])
    held_out = np.concatenate([rows[:count] for rows, count in zip(by_class, held, strict=True)])
    return rng.permutation(train), rng.permutation(held_out)


def load_npz(path: Path) -> Dataset:
    """Load the file; a fifth of x and y is held out, stratified; `DatasetError` names it, the array and what to do."""
    with DatasetError.prefixed(f"{path}: "):
        arrays = _read(path)
        name = f"{path.name} {hashlib.sha256(path.read_bytes()).hexdigest()[:8]}"
        return checked_dataset(name, arrays, "test") if "x_train" in arrays else _split_dataset(name, arrays)


def _read(path: Path) -> dict[str, Any]:
    if not path.is_file():
        raise DatasetError("there is no such file")
    try:
        # Opened here: numpy leaves it open when it is no zip after all.
        with path.open("rb") as opened:
            if zipfile.is_zipfile(opened):
                opened.seek(0)
                with np.load(opened, allow_pickle=False) as file:
                    return {name: _array(file, name) for name in _layout(list(file.files))}
    except DatasetError:
        raise
    except PermissionError as error:
        raise DatasetError(f"it cannot be read ({error.strerror})") from None
    except Exception as error:  # noqa: BLE001  # zipfile and numpy raise anything on damaged bytes
        raise DatasetError(f"it is not a whole .npz file ({first_line(error)}); save it again") from None
    raise DatasetError("it is not a whole .npz file; save it again with numpy.savez(path, x=..., y=...)")


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


def checked_dataset(name: str, arrays: Mapping[str, Any], held_out: str) -> Dataset:
    """Return images that come with a split of their own as a dataset; ``held_out`` is what they call the second part.

    Raises `DatasetError` naming the array at fault, such as ``x_train``.
    """
    x_name, y_name = f"x_{held_out}", f"y_{held_out}"
    found = _checked(arrays, "_train", f"_{held_out}")
    x_train, x_other, y_train, y_other = (found[each] for each in ("x_train", x_name, "y_train", y_name))
    shape, other_shape = x_train.shape[1:], x_other.shape[1:]
    if shape != other_shape:
        raise DatasetError(f"{x_name} has images of {other_shape} and x_train of {shape}; make them alike")
    if x_train.dtype != x_other.dtype:
        raise DatasetError(f"{x_name} has dtype {x_other.dtype} and x_train {x_train.dtype}; save them alike")
    classes = _classes(y_train, y_other, "y_train", y_name)
    x_train, x_other, remark = _scaled(x_train, x_other)
    return Dataset(name, x_train, y_train, x_other, y_other, classes, remark)


def _split_dataset(name: str, arrays: Mapping[str, Any]) -> Dataset:
    """Return images ``x`` and labels ``y`` as a dataset, a fifth held out, stratified; raises as `checked_dataset`."""
    x, y = _checked(arrays, "").values()
    classes = _classes(y, y, "y", "y")
    counts = np.bincount(y)
    if counts.min() < _LEAST_PER_CLASS:
        rarest = int(counts.argmin())
        raise DatasetError(f"y has fewer than {_LEAST_PER_CLASS} images of class {rarest}, too few to hold some out")
    train, validation = stratified(y, round(len(y) * _HELD_OUT), _SEED)
    x_train, x_validation, remark = _scaled(x[train], x[validation])
    return Dataset(name, x_train, y[train], x_validation, y[validation], classes, remark)


def _checked(arrays: Mapping[str, Any], *parts: str) -> dict[str, Any]:
    """The images of all parts, then their labels, by name; each part's belong together."""
    found = {name: _images(arrays[name], name) for name in (f"x{part}" for part in parts)}
    found |= {name: _labels(arrays[name], name) for name in (f"y{part}" for part in parts)}
    for part in parts:
        images, labels = len(found[f"x{part}"]), len(found[f"y{part}"])
        if images != labels:
            raise DatasetError(f"x{part} has {images} images and y{part} {labels} labels; each image needs one label")
    return found


def _images(array: Untyped, name: str) -> Untyped:
    """Return (n, height, width, channels), uint8 or float32 in 0..1; raises `DatasetError` naming the array."""
    if array.dtype != np.uint8 and array.dtype.kind != "f":
        raise DatasetError(f"{name} has dtype {array.dtype}; save it as uint8 in 0..255 or as floats in 0..1")
    if array.ndim == 3:  # noqa: PLR2004  # grey images without a channel axis
        array = array[..., np.newaxis]
    if array.ndim != 4 or array.shape[3] not in {1, 3}:  # noqa: PLR2004
        raise DatasetError(f"{name} has shape {array.shape}; expected (n, height, width) or (n, height, width, 1 or 3)")
    if not len(array):
        raise DatasetError(f"{name} holds no images")
    if min(array.shape[1:3]) < _LEAST_SIDE:
        raise DatasetError(f"{name} has images of {array.shape[1]}x{array.shape[2]} pixels; at least 8x8 are needed")
    if array.dtype != np.uint8:
        return _floats(array, name)
    if array.max() == 1:  # black and white, that would be read as black and nearly black
        raise DatasetError(f"{name} is uint8 with no value above 1; multiply it by 255, or save it as floats in 0..1")
    return array


def _floats(array: Untyped, name: str) -> Untyped:
    bad = np.argwhere(~np.isfinite(array))
    if len(bad):
        found = f"{name} holds NaN or infinity, first in image {bad[0][0]}"
        raise DatasetError(f"{found}; remove or correct {len(bad)} values")
    with np.errstate(over="ignore"):  # float64 beyond float32 becomes infinity, which is reported as out of range
        array = array.astype(np.float32)
    low, high = float(array.min()), float(array.max())
    if low < 0 or high > 1:
        white = 255 if _HALF_OF_UINT8 < high <= 255 else high  # noqa: PLR2004
        hint = f"divide it by {white:g}" if low >= 0 and high <= 255 else "scale it"  # noqa: PLR2004
        raise DatasetError(f"{name} has values from {low:g} to {high:g}; expected floats in 0..1: {hint}")
    return array


def _labels(array: Untyped, name: str) -> Untyped:
    """Return int64 (n,); raises `DatasetError` naming the array."""
    if array.ndim == 2 and array.shape[1] == 1:  # noqa: PLR2004  # as CIFAR-10 comes
        array = array[:, 0]
    if array.ndim != 1:
        raise DatasetError(f"{name} has shape {array.shape}; expected (n,): class numbers, not one-hot rows")
    if array.dtype.kind not in "iu":
        raise DatasetError(f"{name} has dtype {array.dtype}; expected whole class numbers from 0")
    if len(array) and int(array.min()) < 0:
        raise DatasetError(f"{name} holds the label {int(array.min())}; class numbers start at 0")
    if len(array) and int(array.max()) > _HIGHEST_LABEL:
        raise DatasetError(f"{name} holds the label {int(array.max())}; number classes from 0 without gaps")
    return array.astype(np.int64)


def _classes(y_train: Untyped, y_validation: Untyped, train: str, validation: str) -> int:
    """Return the number of classes; every one of them must be there to learn from."""
    present = np.unique(y_train)
    classes = int(present.max()) + 1
    if len(present) < _LEAST_CLASSES:
        raise DatasetError(f"{train} holds one class only; at least two are needed")
    if len(present) != classes:
        missing = min(set(range(classes)).difference(present.tolist()))
        raise DatasetError(f"{train} has labels up to {classes - 1} but none of {missing}; number classes without gaps")
    if int(y_validation.max()) >= classes:
        raise DatasetError(f"{validation} holds the label {int(y_validation.max())}, which {train} has no image of")
    return classes


def _scaled(x_train: Untyped, x_validation: Untyped) -> tuple[Any, Any, str]:
    """Return both sets of checked images on one scale, and what to say of it; empty where nothing was assumed.

    White is 255 in uint8 images, but only if they use that range. Others, such as those of 16 levels of grey, become
    float32 in 0..1 by the highest value of both sets together.
    """
    highest = max(x_train.max(), x_validation.max()).item()
    if highest <= 0:
        raise DatasetError("all images are black: no value is above 0; save images that differ")
    floats = x_train.dtype != np.uint8
    if highest > (_HALF_OF_FLOATS if floats else _HALF_OF_UINT8):
        return x_train, x_validation, ""
    if floats:
        remark = f"values of at most {highest:g}, where 1 is white; divide them by {highest:g} if not"
        return x_train, x_validation, f"the images are floats with {remark}"
    remark = (
        f"the images are uint8 with values of at most {highest}, so {highest} was taken for white; "
        "save them as floats in 0..1 if white is another value"
    )
    white = np.float32(highest)
    return x_train.astype(np.float32) / white, x_validation.astype(np.float32) / white, remark
