"""Masks the passwords that a command was given in everything that it prints."""

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TextIO, cast

from lab4.domain.passwords import are_known, masked


class _MaskedStream:
    """A text stream that masks passwords in each text that is written to it."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        self._stream.write(masked(text))
        return len(text)

    def writelines(self, lines: Iterable[str]) -> None:
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> object:
        return getattr(self._stream, name)


@contextmanager
def masked_output() -> Iterator[None]:
    """Mask what is printed inside the block, by any library; do nothing where no password is known."""
    before = sys.stdout, sys.stderr
    if are_known():
        sys.stdout, sys.stderr = (cast("TextIO", _MaskedStream(stream)) for stream in before)
    try:
        yield
    finally:
        sys.stdout, sys.stderr = before
