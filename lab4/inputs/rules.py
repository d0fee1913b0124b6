"""Rules by which values of an input are drawn, and how a user writes them: ``KIND:ARGUMENTS``.

====================  ====================================================================================
``range:LOW,HIGH``    uniform: real numbers from LOW up to HIGH, or whole numbers from LOW to HIGH inclusive
``below:N``           whole numbers from 0 to N - 1, such as the entries of a vocabulary
``const:VALUE``       the same value everywhere
``choice:A,B,...``    one of these, drawn for each value
``file:PATH``         a ``.npy`` file, or ``PATH.npz:KEY``: one example per index of its first dimension
``call:FUNCTION``     ``package.module:name`` or ``file.py:name``, called with shape, dtype and a NumPy generator
``dataset:KEY=...``   the data set's, prepared: ``key``, ``mean``, ``scale``, ``layout``; see `lab4.inputs.preparing`
====================  ====================================================================================
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lab4.domain.errors import DatasetError, Lab4Error
from lab4.domain.text import first_line
from lab4.domain.untyped import Untyped
from lab4.functions import function_of
from lab4.inputs.preparing import DATASET, parse_preparation

Draw = Callable[[tuple[int, ...], str, np.random.Generator], Untyped]


@dataclass(frozen=True, slots=True)
class Rule:
    """``written`` as the user writes it; ``draw(shape, dtype, rng)`` returns an array of that shape and dtype.

    ``origin`` is ``user``, ``guessed`` or ``file``. It raises `DatasetError` where it cannot fill the shape.
    """

    written: str
    draw: Draw
    origin: str = "user"


def parse_rule(written: str, origin: str = "user") -> Rule:
    """Read a rule.

    Raises:
        Lab4Error: with the forms that there are.
    """
    kind, colon, arguments = written.partition(":")
    if not colon or kind not in _KINDS or not arguments:
        forms = ", ".join(f"{name}:{example}" for name, (_, example) in _KINDS.items())
        raise Lab4Error(f"{written!r} is no rule for the values of an input; write one of {forms}")
    make, example = _KINDS[kind]
    try:
        return Rule(written, make(arguments), origin)
    except ValueError as error:
        raise Lab4Error(f"{written!r} is no rule for the values of an input, as {kind}:{example} is: {error}") from None


def _is_real(dtype: str) -> bool:
    return np.dtype(dtype).kind == "f"


def _range(arguments: str) -> Draw:
    low, high = (each + 0.0 for each in _numbers(arguments, 2))  # -0.0 is 0.0: NumPy takes it for less
    if low > high:
        raise ValueError(f"{low:g} is above {high:g}")

    def draw(shape: tuple[int, ...], dtype: str, rng: np.random.Generator) -> Untyped:
        if _is_real(dtype):
            return np.asarray(rng.uniform(low, high, shape), dtype)
        if np.dtype(dtype).kind == "b":
            return np.asarray(rng.integers(0, 2, shape), dtype)
        _require_whole(dtype, low, high)
        return np.asarray(rng.integers(int(low), int(high), shape, endpoint=True), dtype)

    return draw


def _below(arguments: str) -> Draw:
    (count,) = _numbers(arguments, 1)
    if count < 1 or count != int(count):
        raise ValueError(f"{count:g} is not a whole number from 1")
    return _range(f"0,{int(count) - 1}")


def _const(arguments: str) -> Draw:
    return _choice(arguments)


def _choice(arguments: str) -> Draw:
    values = [_value(each) for each in arguments.split(",")]

    def draw(shape: tuple[int, ...], dtype: str, rng: np.random.Generator) -> Untyped:
        if dtype == "string":
            return np.asarray(np.array(arguments.split(","), object)[rng.integers(0, len(values), shape)], object)
        if any(isinstance(value, str) for value in values):
            raise DatasetError(f"{arguments!r} is no number, and the input is {dtype}")
        _require_whole(dtype, *[float(value) for value in values])
        return np.asarray(np.array(values)[rng.integers(0, len(values), shape)], dtype)

    return draw


def _file(arguments: str) -> Draw:
    path, colon, key = arguments.rpartition(":") if ".npz:" in arguments else (arguments, "", "")
    if path.endswith(".npz") and not colon:
        raise ValueError("name the array of an .npz file, such as file:data.npz:x")
    state = {"next": 0}

    def draw(shape: tuple[int, ...], dtype: str, rng: np.random.Generator) -> Untyped:
        del rng
        array = _as_dtype(_loaded(Path(path), key), dtype, path)
        if array.shape == shape:
            return array
        if not shape or array.shape[1:] != shape[1:]:
            raise DatasetError(f"{path} holds an array of {_by(array.shape)}, and the input takes {_by(shape)}")
        start = state["next"]
        state["next"] += shape[0]
        return array[np.arange(start, start + shape[0]) % len(array)]

    return draw


def _call(arguments: str) -> Draw:
    def draw(shape: tuple[int, ...], dtype: str, rng: np.random.Generator) -> Untyped:
        function = function_of(arguments)
        try:
            array = np.asarray(function(shape, dtype, rng))
        except Exception as error:
            raise DatasetError(f"{arguments} raised {type(error).__name__}: {first_line(error)}") from error
        if array.shape != shape:
            raise DatasetError(f"{arguments} returned an array of {_by(array.shape)}; the input takes {_by(shape)}")
        return _as_dtype(array, dtype, arguments)

    return draw


def _as_dtype(array: Untyped, dtype: str, source: str) -> Untyped:
    """The values in a dtype that can hold them: none is cut off, apart from digits of real numbers."""
    if dtype == "string":
        return array.astype(object)
    if array.dtype.kind not in "iufb":
        raise DatasetError(f"{source} holds {array.dtype}, and the input takes {dtype}")
    kind = np.dtype(dtype).kind
    if array.size and kind in "iu":
        if array.dtype.kind == "f" and not (np.isfinite(array) & (np.round(array) == array)).all():
            raise DatasetError(f"{source} holds real numbers, and the input takes {dtype}; quantize or round them")
        with DatasetError.prefixed(f"{source}: "):
            _require_whole(dtype, array.min().item(), array.max().item())
    if kind == "b" and not np.isin(array, (0, 1)).all():
        raise DatasetError(f"{source} holds other values than 0 and 1, and the input takes {dtype}")
    with np.errstate(over="ignore"):
        values = array.astype(dtype)
    if kind == "f" and np.isfinite(array).sum() != np.isfinite(values).sum():
        raise DatasetError(f"{source} holds values that are too large for {dtype}, which the input takes")
    return values


def _dataset(arguments: str) -> Draw:
    parse_preparation(arguments)

    def draw(shape: tuple[int, ...], dtype: str, rng: np.random.Generator) -> Untyped:
        del shape, dtype, rng
        raise DatasetError("no data set is given; name one with --lab4-dataset")

    return draw


_KINDS: dict[str, tuple[Callable[[str], Draw], str]] = {
    "range": (_range, "0,1"),
    "below": (_below, "30522"),
    "const": (_const, "16000"),
    "choice": (_choice, "8000,16000"),
    "file": (_file, "x.npy"),
    "call": (_call, "file.py:function"),
    DATASET: (_dataset, "scale=1/255"),
}


def _loaded(path: Path, key: str) -> Untyped:
    try:
        found = np.load(path, allow_pickle=False)
        if not key:
            return found
        if key not in found.files:
            raise DatasetError(f"{path} has no array {key!r}; it has {', '.join(found.files)}")
        return found[key]
    except (OSError, ValueError, EOFError) as error:
        raise DatasetError(f"{path} cannot be read as an array: {first_line(error)}") from error


def _numbers(arguments: str, count: int) -> list[float]:
    numbers = [float(each) for each in arguments.split(",")]
    if len(numbers) != count or not np.isfinite(numbers).all():
        raise ValueError(f"{count} numbers are wanted")
    return numbers


def _value(written: str) -> float | bool | str:
    text = written.strip()
    if text.lower() in {"true", "false"}:
        return text.lower() == "true"
    try:
        return int(text)
    except ValueError:
        pass
    try:
        return float(text)
    except ValueError:
        return text


def _require_whole(dtype: str, *numbers: float) -> None:
    """Refuse numbers that the dtype cannot hold."""
    if np.dtype(dtype).kind not in "iu":
        return
    limits = np.iinfo(dtype)
    for number in numbers:
        if number != int(number) or not limits.min <= number <= limits.max:
            raise DatasetError(f"{number:g} is no {dtype}, which is a whole number from {limits.min} to {limits.max}")


def _by(shape: Sequence[int]) -> str:
    return " x ".join(map(str, shape)) or "no dimensions"
