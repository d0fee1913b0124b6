"""Where the cache is unless an option says otherwise."""

import os
from pathlib import Path

from platformdirs import user_cache_path

from lab4.storage.paths import user_path

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
