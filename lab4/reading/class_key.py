"""The key of a class: which student has which id. Ids are drawn at random, so that no name can be computed from one."""

import re
import secrets
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from lab4.domain.errors import RecordError
from lab4.domain.text import printable
from lab4.history.json_text import found_in, parse_file, read_bytes, written
from lab4.storage.atomic import output_errors, write_atomically

_ID = re.compile("[0-9a-f]{8}", re.ASCII)
_PRIVATE = "This file says which student has which id. Keep it to yourself, and keep it: the next import reads it."
#: Seconds for which another import may hold the key.
_LIMIT_S = 30.0
#: Only its owner may enter the folder of what is private.
_OWNER_ONLY = 0o700


def ids_of(path: Path, students: Iterable[str], waiting: Callable[[str], None]) -> dict[str, str]:
    """The id of each student: that of the key where it has one, else a new one, which is added to the key.

    ``waiting`` gets a sentence about a wait for another import. Raises `RecordError` where the key is damaged; and
    `OutputError` where it cannot be written.
    """
    from lab4.storage.locks import locked_file  # only this needs filelock

    with output_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True, mode=_OWNER_ONLY)
    with locked_file(path, waiting, limit_s=_LIMIT_S):
        known = _read(path)
        ids = _extended(known, students)
        if ids != known:
            plain = {"private": _PRIVATE, "students": {ids[name]: name for name in ids}}
            write_atomically(path, written(plain, indent=2))
    return ids


def _read(path: Path) -> dict[str, str]:
    if not path.exists():
        return {}
    source = printable(str(path))
    found = found_in(parse_file(read_bytes(path), source), "students")
    if not isinstance(found, Mapping) or not all(
        isinstance(name, str) and _ID.fullmatch(id_) for id_, name in found.items()
    ):
        raise RecordError(f"{source} is not the key of a class; restore it, or move it away: then all ids are new")
    return {printable(name): id_ for id_, name in found.items()}


def _extended(known: Mapping[str, str], students: Iterable[str]) -> dict[str, str]:
    ids = dict(known)
    taken = set(ids.values())
    for name in students:
        while name not in ids:
            drawn = secrets.token_hex(4)
            if drawn not in taken:
                ids[name] = drawn
                taken.add(drawn)
    return ids
