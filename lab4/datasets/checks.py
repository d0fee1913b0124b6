"""What images and labels must be before anything is trained on them."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from lab4.datasets.dataset import Dataset
from lab4.domain.errors import DatasetError
from lab4.domain.untyped import Untyped

__all__ = ["checked_classes", "checked_dataset", "checked_images", "checked_labels", "checked_together", "scaled"]

_LEAST_SIDE = 8
_LEAST_CLASSES = 2
#: Images whose values are all in the lower half of the dtype's range do not use that range.
_HALF_OF_UINT8 = 127
_HALF_OF_FLOATS = 0.5
#: Far above any number of classes, far below what makes counting them by label a matter of memory.
_HIGHEST_LABEL = 1_000_000


def checked_images(array: Untyped, name: str) -> Untyped:
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
    return _checked_grey(array, name) if array.dtype == np.uint8 else _checked_floats(array, name)


def _checked_grey(array: Untyped, name: str) -> Untyped:
    if array.max() == 1:  # black and white, that would be read as black and nearly black
        raise DatasetError(f"{name} is uint8 with no value above 1; multiply it by 255, or save it as floats in 0..1")
    return array


def _checked_floats(array: Untyped, name: str) -> Untyped:
    bad = ~np.isfinite(array)
    if bad.any():
        first = int(np.argwhere(bad)[0][0])
        raise DatasetError(
            f"{name} holds NaN or infinity, first in image {first}; remove or correct {int(bad.sum())} values"
        )
    with np.errstate(over="ignore"):  # float64 beyond float32 becomes infinity, which is reported as out of range
        array = array.astype(np.float32)
    low, high = float(array.min()), float(array.max())
    if low < 0 or high > 1:
        white = 255 if _HALF_OF_UINT8 < high <= 255 else high  # noqa: PLR2004
        hint = f"divide it by {white:g}" if low >= 0 and high <= 255 else "scale it"  # noqa: PLR2004
        raise DatasetError(f"{name} has values from {low:g} to {high:g}; expected floats in 0..1: {hint}")
    return array


def scaled(x_train: Untyped, x_validation: Untyped) -> tuple[Any, Any, str]:
    """Return both sets of checked images on one scale, and what to say of it; empty where nothing was assumed.

    White is 255 in uint8 images, but only if they use that range. Others, such as those of 16 levels of grey, become
    float32 in 0..1 by the highest value of both sets together.
    """
    if max(x_train.max(), x_validation.max()) <= 0:
        raise DatasetError("all images are black: no value is above 0; save images that differ")
    if x_train.dtype != np.uint8:
        return x_train, x_validation, _remark_on_floats(x_train, x_validation)
    highest = max(int(x_train.max()), int(x_validation.max()))
    if highest > _HALF_OF_UINT8:
        return x_train, x_validation, ""
    remark = (
        f"the images are uint8 with values of at most {highest}, so {highest} was taken for white; "
        "save them as floats in 0..1 if white is another value"
    )
    white = np.float32(highest)
    return x_train.astype(np.float32) / white, x_validation.astype(np.float32) / white, remark


def _remark_on_floats(x_train: Untyped, x_validation: Untyped) -> str:
    highest = max(float(x_train.max()), float(x_validation.max()))
    if highest > _HALF_OF_FLOATS:
        return ""
    return (
        f"the images are floats with values of at most {highest:g}, where 1 is white; divide them by {highest:g} if not"
    )


def checked_labels(array: Untyped, name: str) -> Untyped:
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


def checked_together(x: Untyped, y: Untyped, x_name: str, y_name: str) -> None:
    """Raise `DatasetError` unless images and labels belong together."""
    if len(x) != len(y):
        raise DatasetError(f"{x_name} has {len(x)} images and {y_name} {len(y)} labels; each image needs one label")


def checked_classes(y_train: Untyped, y_validation: Untyped, train: str, validation: str) -> int:
    """Return the number of classes; every one of them must be there to learn from."""
    present = np.unique(y_train)
    classes = int(present.max()) + 1
    if len(present) < _LEAST_CLASSES:
        raise DatasetError(f"{train} holds one class only; at least two are needed")
    if len(present) != classes:
        missing = sorted(set(range(classes)) - {int(each) for each in present})
        raise DatasetError(
            f"{train} has labels up to {classes - 1} but none of {missing[0]}; number classes without gaps"
        )
    if int(y_validation.max()) >= classes:
        raise DatasetError(f"{validation} holds the label {int(y_validation.max())}, which {train} has no image of")
    return classes


def checked_dataset(name: str, arrays: Mapping[str, Any], held_out: str) -> Dataset:
    """Return images that come with a split of their own as a dataset; ``held_out`` is what they call the second part.

    Raises:
        DatasetError: naming the array at fault, such as ``x_train``.
    """
    x_name, y_name = f"x_{held_out}", f"y_{held_out}"
    x_train, x_other = checked_images(arrays["x_train"], "x_train"), checked_images(arrays[x_name], x_name)
    y_train, y_other = checked_labels(arrays["y_train"], "y_train"), checked_labels(arrays[y_name], y_name)
    checked_together(x_train, y_train, "x_train", "y_train")
    checked_together(x_other, y_other, x_name, y_name)
    if x_train.shape[1:] != x_other.shape[1:]:
        raise DatasetError(
            f"{x_name} has images of {x_other.shape[1:]} and x_train of {x_train.shape[1:]}; make them alike"
        )
    if x_train.dtype != x_other.dtype:
        raise DatasetError(f"{x_name} has dtype {x_other.dtype} and x_train {x_train.dtype}; save them alike")
    classes = checked_classes(y_train, y_other, "y_train", y_name)
    x_train, x_other, remark = scaled(x_train, x_other)
    return Dataset(name, x_train, y_train, x_other, y_other, classes, remark)
