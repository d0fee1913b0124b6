"""The cache's folder: how it differs from a folder of the user's, and who may have put something into it.

Models run code, so no other user may write to it.
"""

import errno
import os
import re
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryFile

from platformdirs import user_cache_path

from lab4.domain.errors import CacheError, in_words, is_limit
from lab4.storage.settings import user_path

#: A content key; in ``building`` with a suffix. Nothing else in the folder is ours to list or remove.
_KEY = re.compile(r"[0-9a-f]{64}")
_OURS = re.compile(rf"{_KEY.pattern}(-.*)?")
ENTRIES, LOCKS, BUILDING = "entries", "locks", "building"
_TAG = "CACHEDIR.TAG"
#: Of the Cache Directory Tagging Specification: backup programs leave such folders out.
_SIGNATURE = "Signature: 8a477f597d28d172789f06886806bc55"


@contextmanager
def cache_errors(folder: Path) -> Iterator[None]:
    """Turn what the system says about the cache into a `CacheError` of one sentence."""
    try:
        yield
    except (OSError, shutil.Error) as error:
        if is_limit(error):
            raise CacheError(f"the cache {folder} cannot be used: {in_words(error)}") from None
        reason = getattr(error, "strerror", None) or str(error)
        raise CacheError(
            f"the cache {folder} cannot be used ({reason}); make it writable, or choose another folder with "
            "--lab4-cache DIR or LAB4_CACHE"
        ) from None


@contextmanager
def full_disk_errors(folder: Path, description: str) -> Iterator[None]:
    """Turn a build's error into a `CacheError` where it says that the disk is full; others pass through.

    By its words: shutil, native libraries and other processes hand on the sentence without the number.
    """
    try:
        yield
    except Exception as error:
        full = next((text for text in map(os.strerror, (errno.ENOSPC, errno.EDQUOT)) if text in str(error)), None)
        if full is None:
            raise
        raise CacheError(
            f"{description} could not be built in the cache {folder} ({full}); "
            "make room, or choose another folder with --lab4-cache DIR or LAB4_CACHE"
        ) from error


def make_ours(folder: Path) -> None:
    """Make the folder and mark it as a cache.

    Raises `CacheError` if it holds files of the user's (marked, they would be left out of backups), or others may
    write it.
    """
    with cache_errors(folder):
        make_private(folder)
        check_folders(folder)
        if _is_marked(folder):
            return
        # Ours without a whole mark: another process has not written it yet, or the disk was full.
        if {path.name for path in folder.iterdir()} - {_TAG, ENTRIES, LOCKS, BUILDING}:
            raise CacheError(
                f"{folder} holds other files and is not a cache of lab4; choose a new or empty folder "
                "with --lab4-cache DIR"
            )
        text = f"{_SIGNATURE}\n# lab4 keeps trained models here; it may be deleted at any time.\n"
        _write(folder / _TAG, text.encode())


def check_folders(folder: Path) -> None:
    """Raise `CacheError` where another user than this one and root owns a folder of the cache, or may write to it."""
    for path in (folder, *(folder / name for name in (ENTRIES, LOCKS, BUILDING))):
        if path.exists():
            _check(folder, path, path.stat())


def _write(path: Path, data: bytes) -> None:
    """Write the file itself: a link of its name, put there when others might write, would lead to a user's file."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_NOFOLLOW", 0)  # Windows has no such flag
    with os.fdopen(os.open(path, flags, 0o600), "wb") as file:
        file.write(data)


def _is_marked(folder: Path) -> bool:
    tag = folder / _TAG
    return tag.is_file() and tag.read_text("utf-8", errors="replace").startswith(_SIGNATURE)


def check_ours(folder: Path) -> None:
    """Raise `CacheError` unless the folder is a cache of this user: what lies in any other is not ours to remove."""
    with cache_errors(folder):
        check_folders(folder)
        if not _is_marked(folder):
            raise CacheError(f"{folder} is not a cache of lab4 (it has no {_TAG}), so nothing in it was removed")


def require_space(folder: Path, needed_bytes: int) -> None:
    """Raise `CacheError` unless the folder can be written and so much is free."""
    make_ours(folder)
    with cache_errors(folder):
        with TemporaryFile(dir=folder) as probe:  # of an unpredictable name, and never through a link
            probe.write(b"lab4")
        free = shutil.disk_usage(folder).free
    if free < needed_bytes:
        raise CacheError(
            f"the cache {folder} has {free / 1e6:.0f} MB free and a run may need {needed_bytes / 1e6:.0f}; "
            "make room, or choose another folder with --lab4-cache DIR or LAB4_CACHE"
        )


def is_key(text: str) -> bool:
    """Whether `content_key` could have made it."""
    return _KEY.fullmatch(text) is not None


def folders_in(place: Path) -> list[Path]:
    """The folders in ``place`` that are named as this cache names them."""
    found = sorted(place.glob("*"))
    return [path for path in found if _OURS.fullmatch(path.name) and path.is_dir() and not path.is_symlink()]


def bytes_in(folder: Path) -> int:
    """What the files in it take; other processes may remove some meanwhile."""
    total = 0
    for place, _, names in os.walk(folder):
        for name in names:
            with suppress(OSError):
                total += os.lstat(os.path.join(place, name)).st_size  # noqa: PTH118  # strings, as os.walk gives
    return total


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


def check_tree(cache: Path, folder: Path) -> None:
    """As `check_folders`, of a folder in the cache and all that is in it."""
    _check(cache, folder, folder.stat())
    for path in folder.rglob("*"):
        _check(cache, path, path.lstat())


def _check(cache: Path, path: Path, found: os.stat_result) -> None:
    if not hasattr(os, "geteuid"):  # Windows has a folder for each user
        return
    if found.st_uid not in {os.geteuid(), 0}:
        reason, remedy = f"user {found.st_uid} owns {path}", f"remove {path}"
    elif found.st_mode & _WRITE and not stat.S_ISLNK(found.st_mode):
        reason, remedy = f"other users may write to {path}", f"run chmod -R go-w {cache} if you trust all that is in it"
    else:
        return
    raise CacheError(
        f"the cache {cache} is not used, as {reason} and a model there could run their code as you; {remedy}, "
        "or choose another folder with --lab4-cache DIR or LAB4_CACHE"
    )


_VARIABLE = "LAB4_CACHE"
_IN_WORKING_FOLDER = ".lab4-cache"


def default_folder() -> Path:
    """``LAB4_CACHE`` if it is set, else where the system keeps the user's caches, else in the working folder.

    Raises `Lab4Error` where the variable names a home folder that is not known.
    """
    chosen = os.environ.get(_VARIABLE)
    if chosen:
        return user_path(chosen, _VARIABLE)
    return _usual() if not _problem() else Path.cwd() / _IN_WORKING_FOLDER


def why_not_usual(folder: Path) -> str:
    """Why the default folder is in the working folder, in one sentence; empty for any other folder."""
    problem = _problem()
    if os.environ.get(_VARIABLE) or not problem or folder != default_folder():
        return ""
    return f"the cache is {folder}, as {problem}; set {_VARIABLE} to keep it elsewhere"


def _usual() -> Path:
    try:
        return user_cache_path("lab4")
    except RuntimeError:  # newer releases of platformdirs, where the system knows no home; earlier ones keep the "~"
        return Path("~")


def _problem() -> str:
    """Why the user's cache folder cannot be used; empty where it can."""
    usual = _usual()
    if not usual.is_absolute():
        return "the system knows no home folder of this user"
    # Not Path.exists: that raises where a folder above may not be entered.
    nearest = next(path for path in (usual, *usual.parents) if os.access(path, os.F_OK))
    return "" if os.access(nearest, os.W_OK | os.X_OK) else f"{nearest} cannot be written"
