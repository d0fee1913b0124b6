"""Who may have put something into a cache: models run code, so no other user may write to it."""

import os
import stat
from pathlib import Path

from lab4.domain.errors import CacheError

#: Write permission of the group and of all others.
_WRITE = stat.S_IWGRP | stat.S_IWOTH


def make_private(folder: Path) -> None:
    """Make the folder, and those above it that are missing, for this user only; one that is there is left as it is."""
    for path in (*reversed(folder.parents), folder):
        if not path.is_dir():
            path.mkdir(mode=0o700, exist_ok=True)


def shut(folder: Path) -> None:
    """Take the write permission of others from all that is in the folder, whatever the user's umask is."""
    for path in folder.rglob("*"):
        mode = path.lstat().st_mode
        if mode & _WRITE and not stat.S_ISLNK(mode):
            path.chmod(stat.S_IMODE(mode) & ~_WRITE)


def check_private(cache: Path, path: Path) -> None:
    """Check ``path``, a folder or file of the folder ``cache``, and nothing in it; what is not there passes.

    Raises:
        CacheError: if another user than this one and root owns it, or the group or others may write it.
    """
    if path.exists():
        _check(cache, path, path.stat())


def check_tree(cache: Path, folder: Path) -> None:
    """As `check_private`, with all that is in the folder."""
    check_private(cache, folder)
    for path in folder.rglob("*"):
        _check(cache, path, path.lstat())


def _check(cache: Path, path: Path, found: os.stat_result) -> None:
    if not hasattr(os, "geteuid"):  # Windows has a folder for each user
        return
    if found.st_uid not in {os.geteuid(), 0}:
        raise _refusal(cache, f"user {found.st_uid} owns {path}", f"remove {path}")
    if found.st_mode & _WRITE and not stat.S_ISLNK(found.st_mode):
        remedy = f"run chmod -R go-w {cache} if you trust all that is in it"
        raise _refusal(cache, f"other users may write to {path}", remedy)


def _refusal(cache: Path, reason: str, remedy: str) -> CacheError:
    return CacheError(
        f"the cache {cache} is not used, as {reason} and a model there could run their code as you; {remedy}, "
        "or choose another folder with --lab4-cache DIR or LAB4_CACHE"
    )
