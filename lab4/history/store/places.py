"""Where the files of a history's folder are, from wherever the folder is looked at."""

import re
from contextlib import suppress
from pathlib import Path

#: What a byte of a file's name that is no UTF-8 is written as in the index, which holds UTF-8 only.
_ESCAPED = re.compile(r"\\(udc[89a-f][0-9a-f])")


def source_in(folder: Path | None, path: str) -> str:
    """What the index says of a file: its path below the folder; a file elsewhere stays as it was named.

    >>> source_in(Path("runs"), "runs/box/0001.json")
    'box/0001.json'
    """
    if folder is not None:
        with suppress(OSError, ValueError):  # it is elsewhere
            path = Path(path).resolve().relative_to(folder.resolve()).as_posix()
    return path.encode("utf-8", "backslashreplace").decode("utf-8")


def place_of(folder: Path, source: str) -> Path | None:
    """The file that an entry of the index is of; ``None`` where it is gone.

    Entries of earlier lab4s have the path as the folder was named then: what of it lies below the folder counts.
    """
    for written in dict.fromkeys((source, _ESCAPED.sub(lambda byte: chr(int(byte[1][1:], 16)), source))):
        parts = Path(written).parts
        tails = (folder.joinpath(*parts[start:]) for start in range(len(parts)))
        found = next((tail for tail in tails if tail.is_file()), None)
        if found is not None:
            return found
    return None
