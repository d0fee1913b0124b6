"""Memory on a microcontroller: the arena that TensorFlow Lite for Microcontrollers allocates for a model."""

import os
import re
import sys
from collections.abc import Callable
from importlib import metadata
from pathlib import Path
from tempfile import TemporaryFile

from lab4.domain.errors import UnavailableError
from lab4.domain.observed import Arena
from lab4.domain.text import first_line
from lab4.domain.untyped import Untyped
from lab4.frameworks import tflite_micro

#: What is offered at first, and at most; what is taken does not depend on it.
_FIRST, _MOST = 1 << 22, 1 << 28
_STDERR = 2
_TOTAL = re.compile(r"Arena allocation (total|head) (\d+) bytes")
_TOO_SMALL = "Failed to resize buffer", "Failed to allocate"


def arena_of(path: Path) -> Arena:
    """The arena of a TFLite file with the sizes of the file, by the allocator's own record of what it gave.

    Source: R. David and others, "TensorFlow Lite Micro: Embedded Machine Learning for TinyML Systems", 2021; the
    package's ``Interpreter.print_allocations``. Raises `UnavailableError` where the package is not installed, or its
    interpreter does not take the model.
    """
    library, size = tflite_micro(), _FIRST
    while True:
        try:
            found = _allocations(lambda: library.Interpreter.from_file(str(path), arena_size=size))  # noqa: B023
        except UnavailableError as error:
            if size >= _MOST or not any(words in str(error) for words in _TOO_SMALL):
                raise
            size *= 4
            continue
        how = f"tflite-micro {metadata.version('tflite-micro')}, pointers of {sys.maxsize.bit_length() + 1} bits"
        return Arena(found["total"], found["head"], how)


def _allocations(load: Callable[[], Untyped]) -> dict[str, int]:
    """Bytes in all, and of the part that operators use in turn."""
    printed: list[str] = []
    try:
        with _Printed(printed):
            load().print_allocations()
    except Exception as error:  # a damaged file raises anything
        why = next(iter("".join(printed).splitlines()), "") or first_line(error)
        raise UnavailableError(f"LiteRT for Microcontrollers does not take the model: {why}") from error
    return {name: int(count) for name, count in _TOTAL.findall("".join(printed))}


class _Printed:
    """What native code writes to the error output meanwhile, appended to a list."""

    def __init__(self, printed: list[str]) -> None:
        self._printed = printed

    def __enter__(self) -> None:
        sys.stderr.flush()
        self._file = TemporaryFile()
        self._own = os.dup(_STDERR)
        os.dup2(self._file.fileno(), _STDERR)

    def __exit__(self, *_: object) -> None:
        os.dup2(self._own, _STDERR)
        os.close(self._own)
        self._file.seek(0)
        self._printed.append(self._file.read().decode(errors="replace"))
        self._file.close()
