"""Keys and patterns of cells: as people write them on command lines and in policies, and as earlier versions did."""

import re
from collections.abc import Iterable
from difflib import get_close_matches
from fnmatch import fnmatchcase
from functools import cache

from lab4.domain.errors import Lab4Error

_EXAMPLE = "latency/cnn-cpu-b1-tflite_int8"
_NEAR, _LEAST_LIKENESS = 3, 0.5


def is_like(cell: str, pattern: str) -> bool:
    """Whether a cell's key matches a pattern with ``*`` and ``?``, which may leave out the cell's kind.

    Several patterns are separated by commas; one of them is enough.

    >>> is_like("latency/cnn-cpu-b1-onnx", "cnn-*"), is_like("latency/fcnn-cpu-b1-onnx", "cnn-*")
    (True, False)
    >>> is_like("latency/fcnn-cpu-b1-onnx", "cnn-*, *-onnx")
    True
    """
    # The whole text as well: tests of plain pytest-benchmark may have commas and brackets in their names.
    names = (cell, _short(cell))
    return pattern in names or any(fnmatchcase(name, each) for each in (pattern, *_parts(pattern)) for name in names)


def may_be_of(kind: str, pattern: str) -> bool:
    """Whether a pattern can match cells of a kind: one that names no kind can match cells of all.

    >>> may_be_of("latency", "train/*, lat*/cnn-*"), may_be_of("latency", "train/*"), may_be_of("any", "*")
    (True, False, True)
    """
    return any("/" not in each or fnmatchcase(kind, each.partition("/")[0]) for each in _parts(pattern))


def selected(cells: Iterable[str], pattern: str) -> list[str]:
    """The cells that match one of the patterns, which are separated by commas, each of which must match one.

    Raises `Lab4Error` naming the pattern that matches no cell, and cells that are written similarly.
    """
    keys = list(dict.fromkeys(cells))
    parts = _parts(pattern)
    if not parts:
        raise Lab4Error(f"--cells is empty; write a cell or a pattern, such as {_EXAMPLE} or 'cnn-*'")
    if pattern not in keys:
        for each in parts:
            if not any(is_like(key, each) for key in keys):
                raise Lab4Error(f"no cell is like {each!r}; {_near(each, keys)}")
    return [key for key in keys if is_like(key, pattern)]


def _short(cell: str) -> str:
    return cell.partition("/")[2] or cell


@cache
def _parts(pattern: str) -> tuple[str, ...]:
    return tuple(each.strip() for each in current_pattern(pattern).split(",") if each.strip())


def _near(pattern: str, keys: list[str]) -> str:
    names = list(dict.fromkeys(key if "/" in pattern else _short(key) for key in keys))
    near = get_close_matches(pattern, names, _NEAR, _LEAST_LIKENESS)
    if near:
        return f"did you mean {' or '.join(near)}?"
    return f"cells are named as in {keys[0] if keys else _EXAMPLE}"


#: The parts of the worksheet that keys began with, and what is measured in them.
_KINDS = {"training": "train", "inference": "latency"} | dict.fromkeys(
    ("quantization", "pruning", "deployment"), "examine"
)
#: A runtime that was listed among the formats.
_RUNTIME = re.compile(r"keras_predict$")


def current_key(key: str) -> str:
    """Return a cell's key in present terms; of a key that is in them already, or is no cell's, itself.

    >>> current_key("inference/cnn-cpu-b1-keras_predict"), current_key("pruning/cnn.pruned80-cpu-onnx")
    ('latency/cnn-cpu-b1-keras:predict', 'examine/cnn.pruned80-cpu-onnx')
    """
    part, slash, cell_id = key.partition("/")
    if not slash or part not in _KINDS:
        return key
    return f"{_KINDS[part]}/{_RUNTIME.sub('keras:predict', cell_id)}"


def current_pattern(pattern: str) -> str:
    """Return patterns of cells, separated by commas, in present terms.

    >>> current_pattern("inference/*-keras_predict, cnn-*")
    'latency/*-keras:predict, cnn-*'
    """
    each = (_RUNTIME.sub("keras:predict", part.strip()) for part in pattern.split(","))
    return ", ".join(current_key(part) for part in each)
