"""Folders that a command generates as a whole: complete, or as they were; those of others are never replaced."""

import ctypes
import json
import os
import sys
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from lab4.domain.errors import OutputError
from lab4.domain.text import listed, valid_text
from lab4.storage.atomic import output_errors
from lab4.storage.folders import TemporaryFolder

#: Of Linux's ``renameat2``: paths are relative to the working folder; both names change places in one step.
_AT_FDCWD, _RENAME_EXCHANGE = -100, 2


def generate_folder(place: Path, files: Iterable[tuple[str, bytes]], marker: str) -> int:
    """Write the files, by their path in it, to a new folder in the place of ``place``; returns their bytes.

    ``marker`` is the name of a file that lists them: a folder that has one, and no other file than those that it
    lists, is replaced; so is an empty one. The new folder is written next to it and takes its name when it is
    complete. Raises `OutputError` for any other folder, a file, or where there is no space or permission; what was
    there is then still there.
    """
    final = Path(os.path.realpath(place))
    require_replaceable(final, marker)
    with output_errors(place):
        final.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryFolder("new", final.parent) as temporary, output_errors(place):
        made = temporary / "new"
        size = _write(made, files, marker)
        require_replaceable(final, marker)  # it took a while
        _put_in_place(made, final, temporary / "old")
        return size


def require_replaceable(place: Path, marker: str) -> None:
    """Refuse a file, and a folder that was not generated or has other files now; raises `OutputError`."""
    with output_errors(place):
        if not os.path.lexists(place):
            return
        if not place.is_dir():
            raise OutputError(f"{place} is not a folder; name a folder to write to")
        paths = (path for path in place.rglob("*") if not path.is_dir() or path.is_symlink())
        there = {path.relative_to(place).as_posix() for path in paths}
        foreign = sorted(there - _listed(place / marker))
    if foreign:
        raise OutputError(
            f"{place} has files of something else ({valid_text(listed(foreign, 1))}) and is left as it is; "
            "name a new or empty folder, or one that this command wrote"
        )


def _listed(marker: Path) -> set[str]:
    """The files that a marker lists, and its own name; none where it is not one of ours."""
    try:
        names = json.loads(marker.read_bytes())["files"]
        return {marker.name, *(name for name in names if isinstance(name, str))}
    except (OSError, ValueError, LookupError, TypeError, RecursionError):
        return set()


def _write(folder: Path, files: Iterable[tuple[str, bytes]], marker: str) -> int:
    folder.mkdir()
    names, size = [], 0
    for name, data in files:
        parts = PurePosixPath(name).parts
        if not parts or PurePosixPath(name).is_absolute() or ".." in parts:
            raise OutputError(f"{name!r} is not a file in a folder")
        path = folder.joinpath(*parts)
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("xb") as file:  # two files of one name would be a mistake
            file.write(data)
        names.append(name)
        size += len(data)
    (folder / marker).write_text(json.dumps({"files": names}), encoding="utf-8")
    return size


def _put_in_place(made: Path, final: Path, old: Path) -> None:
    """Give the new folder its name, in one step where the system can; elsewhere an error brings the old one back."""
    if not os.path.lexists(final):
        made.rename(final)
        return
    if _exchanged(made, final):
        return
    final.rename(old)
    try:
        made.rename(final)
    except OSError:
        old.rename(final)
        raise


def _exchanged(one: Path, other: Path) -> bool:
    """Whether both names could change places in one step."""
    if not sys.platform.startswith("linux"):
        return False
    rename = getattr(ctypes.CDLL(None), "renameat2", None)  # glibc has it since 2.28
    if rename is None:
        return False
    paths = (_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other))
    return bool(rename(*paths, ctypes.c_uint(_RENAME_EXCHANGE)) == 0)
