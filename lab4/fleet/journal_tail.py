"""Reads a journal while another process writes it."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

#: How the line of a round begins: rounds stay where they were measured.
_ROUND = re.compile(rb'\{"crc32": \d+, "round"')


class JournalTail:
    """The lines of a journal as they are written; those of rounds are left out."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._position = self._inode = 0

    def lines(self) -> Iterator[bytes]:
        """The whole lines that have come since the last call; none where there is no journal (yet, or any more).

        All lines of one that was written anew, or whose damaged end was cut off.
        """
        try:
            with self._path.open("rb") as file:
                found = os.fstat(file.fileno())
                if found.st_ino != self._inode or found.st_size < self._position:
                    self._position, self._inode = 0, found.st_ino
                file.seek(self._position)
                written = file.read()
        except FileNotFoundError:
            return
        whole = written[: written.rfind(b"\n") + 1]
        self._position += len(whole)
        for line in whole.splitlines(keepends=True):
            if not _ROUND.match(line):
                yield line
