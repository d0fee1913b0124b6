"""The cache's folder, and how it is told from a folder of the user's."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from platformdirs import user_cache_path

from lab4.domain.errors import CacheError

__all__ = [
    "BUILDING",
    "ENTRIES",
    "LOCKS",
    "bytes_in",
    "cache_errors",
    "check_ours",
    "default_folder",
    "make_ours",
    "require_space",
]

ENTRIES, LOCKS, BUILDING = "entries", "locks", "building"
_TAG = "CACHEDIR.TAG"
#: Of the Cache Directory Tagging Specification: backup programs leave such folders out.
_SIGNATURE = "Signature: 8a477f597d28d172789f06886806bc55"


def default_folder() -> Path:
    """``LAB4_CACHE`` if it is set, else where the system keeps the user's caches."""
    chosen = os.environ.get("LAB4_CACHE")
    return Path(chosen).expanduser() if chosen else user_cache_path("lab4")


@contextmanager
def cache_errors(folder: Path) -> Iterator[None]:
    """Turn what the system says about the cache into a `CacheError` of one sentence."""
    try:
        yield
    except (OSError, shutil.Error) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise CacheError(
            f"the cache {folder} cannot be used ({reason}); mend it, or choose another folder with --lab4-cache DIR"
        ) from None


def make_ours(folder: Path) -> None:
    """Make the folder and mark it as a cache.

    Raises:
        CacheError: if it holds files of the user's: marked, they would be left out of backups.
    """
    with cache_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        if _is_marked(folder):
            return
        # Ours without a whole mark: another process has not written it yet, or the disk was full.
        if {each.name for each in folder.iterdir()} - {_TAG, ENTRIES, LOCKS, BUILDING}:
            raise CacheError(
                f"{folder} holds other files and is not a cache of lab4; choose a new or empty folder "
                "with --lab4-cache DIR"
            )
        text = f"{_SIGNATURE}\n# lab4 keeps trained models here; it may be deleted at any time.\n"
        (folder / _TAG).write_text(text, "utf-8")


def _is_marked(folder: Path) -> bool:
    tag = folder / _TAG
    return tag.is_file() and tag.read_text("utf-8", errors="replace").startswith(_SIGNATURE)


def check_ours(folder: Path) -> None:
    """Raise `CacheError` unless the folder is marked as a cache: what lies in any other is not ours to remove."""
    with cache_errors(folder):
        if not _is_marked(folder):
            raise CacheError(f"{folder} is not a cache of lab4 (it has no {_TAG}), so nothing in it was removed")


def require_space(folder: Path, needed_bytes: int) -> None:
    """Raise `CacheError` unless the folder can be written and so much is free."""
    make_ours(folder)
    with cache_errors(folder):
        probe = folder / f".probe-{os.getpid()}"
        try:
            probe.write_bytes(b"lab4")
        finally:
            probe.unlink(missing_ok=True)
        free = shutil.disk_usage(folder).free
    if free < needed_bytes:
        raise CacheError(
            f"the cache {folder} has {free / 1e6:.0f} MB free and a run may need {needed_bytes / 1e6:.0f}; "
            "make room, or choose another folder with --lab4-cache DIR"
        )


def bytes_in(folder: Path) -> int:
    """What the files in it take; other processes may remove some meanwhile."""
    total = 0
    for place, _, names in os.walk(folder):
        for name in names:
            with suppress(OSError):
                total += os.lstat(os.path.join(place, name)).st_size  # noqa: PTH118  # strings, as os.walk gives
    return total
