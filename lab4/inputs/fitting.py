"""One array of a data set as one input of a model: its dimensions, its layout, its dtype."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from lab4.domain.contract import TensorSpec
from lab4.domain.errors import DatasetError
from lab4.domain.text import shaped
from lab4.domain.untyped import Untyped
from lab4.inputs.dtypes import kind_of
from lab4.inputs.preparing import Preparation

#: Axes of rows, for the transposition to a layout from the other one.
_TO = {"NCHW": (0, 3, 1, 2), "NHWC": (0, 2, 3, 1)}
_IMAGES = 4


@dataclass(frozen=True, slots=True)
class Fitted:
    """Values (n, ...) as the input takes them, what was done to them, and whether any of that is a guess."""

    values: Any
    steps: list[str]
    is_guessed: bool


def fitted(
    tensor: TensorSpec, array: Untyped, preparation: Preparation, sizes: dict[str, int], *, is_batched: bool
) -> Fitted:
    """Fit an array (n, ...) to an input; ``sizes`` are known dynamic dimensions by name.

    Images are transposed, and values are scaled, only as ``preparation`` says. What is done to images is stated, also
    where it is nothing.

    Raises:
        DatasetError: where the dimensions or the values do not fit.
    """
    _require_values(tensor, array)
    wanted = _wanted(tensor, sizes)
    is_call = not is_batched and _fits(array.shape[1:], wanted)
    rows = wanted if is_call else wanted[1:]
    if not is_batched and not is_call and wanted[:1] not in ([1], []):
        raise DatasetError(f"{_shaped(array)}; the model takes {shaped(wanted)} in one call: give arrays of that shape")
    values, steps, is_guessed = _arranged(tensor, array, preparation, rows)
    layout = "" if tensor.layout is None else tensor.layout.text
    prepared = preparation.applied(values, layout)
    if preparation.text:
        steps.append(preparation.text)
    typed, step, is_cast = _typed(tensor, prepared, is_prepared=bool(preparation.text))
    steps += [step] if step else []
    if layout in _TO and array.ndim == _IMAGES:
        steps += [] if preparation.text or step else ["not scaled"]
        steps = steps if any(layout in each for each in steps) else [f"as {layout}", *steps]
    return Fitted(typed if is_batched or is_call else typed[:, None], steps, is_guessed or is_cast)


def _require_values(tensor: TensorSpec, array: Untyped) -> None:
    if array.ndim == 0 or not len(array):
        raise DatasetError(f"it holds no examples (shape {array.shape})")
    if (array.dtype.kind == "U") != (tensor.dtype == "string"):
        wanted = "text" if tensor.dtype == "string" else f"numbers ({tensor.dtype})"
        raise DatasetError(f"it holds {array.dtype}, and the input {tensor.name} takes {wanted}; convert it first")
    if array.dtype.kind == "f" and not np.isfinite(array).all():
        first = int(np.argwhere(~np.isfinite(array))[0][0])
        raise DatasetError(f"it holds NaN or infinity, first in example {first}; correct or remove it")


def _wanted(tensor: TensorSpec, sizes: dict[str, int]) -> list[int | None]:
    names = tensor.dynamic
    return [each.size or sizes.get(names.get(axis, "")) for axis, each in enumerate(tensor.dimensions or ())]


def _fits(shape: Sequence[int], wanted: Sequence[int | None]) -> bool:
    return len(shape) == len(wanted) and all(w in (None, s) for s, w in zip(shape, wanted, strict=True))


def _arranged(
    tensor: TensorSpec, array: Untyped, preparation: Preparation, rows: Sequence[int | None]
) -> tuple[Any, list[str], bool]:
    """The array with the axes of the input, the steps to it, and whether they are a guess."""
    layout = "" if tensor.layout is None else tensor.layout.text
    other = "NCHW" if layout == "NHWC" else "NHWC"
    can_turn = layout in _TO and array.ndim == _IMAGES
    turned = array.transpose(_TO[layout]) if can_turn else array
    if can_turn and preparation.layout == other:
        if not _fits(turned.shape[1:], rows):
            raise DatasetError(f"as {other}, {_shaped(array)}; the input {tensor.name} takes {shaped([None, *rows])}")
        return turned, [f"{other} to {layout}"], False
    is_other = can_turn and not preparation.layout and _fits(turned.shape[1:], rows)
    if _fits(array.shape[1:], rows):
        return array, ([f"taken as {layout}"] if is_other else []), is_other
    if None not in rows and [each for each in array.shape[1:] if each != 1] == [each for each in rows if each != 1]:
        shape = [each or 1 for each in rows]
        return array.reshape(len(array), *shape), [f"{shaped(array.shape[1:])} as {shaped(shape)}"], False
    if is_other:
        raise DatasetError(
            f"{_shaped(array)}, and the input {tensor.name} takes {shaped([None, *rows])} ({layout}): it fits only if "
            f"it is {other}; if so, say it with --lab4-input {tensor.name}=dataset:layout={other}"
        )
    raise DatasetError(f"{_shaped(array)}; the input {tensor.name} takes {shaped([None, *rows])}: resize or reshape it")


def _typed(tensor: TensorSpec, values: Untyped, *, is_prepared: bool) -> tuple[Any, str, bool]:
    """The values in the input's dtype, what was done for it, and whether that is a guess."""
    if kind_of(tensor) == "O":
        return values.astype(object), "", False
    dtype = np.dtype(tensor.dtype)
    if dtype.kind == "f":
        is_guess = values.dtype.kind in "iu" and not is_prepared
        step = f"{values.dtype} from {values.min()} to {values.max()}, not scaled (guessed)" if is_guess else ""
        return values.astype(dtype), step, is_guess
    if values.dtype.kind == "f" and tensor.quantization is not None and len(tensor.quantization.scales) == 1:
        scale, zero = tensor.quantization.scales[0], tensor.quantization.zero_points[0]
        limits = np.iinfo(dtype)
        quantized = np.clip(np.round(values / scale) + zero, limits.min, limits.max)
        return quantized.astype(dtype), f"quantized by {scale:g} and {zero}", False
    _require_whole(tensor, values, dtype)
    is_guess = tensor.quantization is not None
    return values.astype(dtype), "taken as quantized already (guessed)" if is_guess else "", is_guess


def _require_whole(tensor: TensorSpec, values: Untyped, dtype: Untyped) -> None:
    low, high = (0, 1) if dtype.kind == "b" else (np.iinfo(dtype).min, np.iinfo(dtype).max)
    is_whole = values.dtype.kind != "f" or bool((values == np.round(values)).all())
    if is_whole and values.min() >= low and values.max() <= high:
        return
    remedy = "prepare it as real values, with scale=, and it is quantized" if tensor.quantization else "convert it"
    raise DatasetError(
        f"it has values from {values.min()} to {values.max()}, and the input {tensor.name} takes {dtype}, whole "
        f"numbers from {low} to {high}: {remedy}"
    )


def _shaped(array: Untyped) -> str:
    return f"it is {shaped(array.shape)}"
