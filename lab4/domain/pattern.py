"""Patterns of cells, as people write them on command lines and in policies."""

from fnmatch import fnmatchcase

__all__ = ["is_like"]


def is_like(cell: str, pattern: str) -> bool:
    """Whether a cell's key matches a pattern with ``*`` and ``?``, which may leave out the cell's part.

    >>> is_like("inference/cnn-cpu-b1-onnx", "cnn-*"), is_like("inference/fcnn-cpu-b1-onnx", "cnn-*")
    (True, False)
    """
    return any(fnmatchcase(name, pattern) for name in (cell, cell.partition("/")[2]))
