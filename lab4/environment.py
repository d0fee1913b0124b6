"""The environment that every child process gets, what one prints, and the user's name where the system knows one."""

import getpass
import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from lab4.domain.text import printable

#: Variables by which git finds a repository (``git rev-parse --local-env-vars``). Git sets some of them for its hooks,
#: and another command of git would then write to the files that the first one is using. The two variables of that list
#: that hold settings, such as ``safe.directory``, are kept, as git keeps them for its own commands elsewhere.
_OF_GIT = frozenset(
    {
        *("GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_COMMON_DIR", "GIT_CONFIG", "GIT_DIR", "GIT_GRAFT_FILE"),
        *("GIT_IMPLICIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_INTERNAL_SUPER_PREFIX", "GIT_NO_REPLACE_OBJECTS"),
        *("GIT_OBJECT_DIRECTORY", "GIT_PREFIX", "GIT_REPLACE_REF_BASE", "GIT_SHALLOW_FILE", "GIT_WORK_TREE"),
    }
)
#: What changes which tests pytest runs, which plugins it loads, and whether it measures: workers of xdist do not.
_OF_PYTEST = ("PYTEST_ADDOPTS", "PYTEST_DISABLE_PLUGIN_AUTOLOAD", "PYTEST_PLUGINS", "PYTEST_XDIST_")
#: Folders; a relative one would be another folder in a child process that works elsewhere.
_FOLDERS = ("LAB4_CACHE", "LAB4_DATA_DIR", "LAB4_HISTORY", "KERAS_HOME", "XDG_CACHE_HOME", "TMPDIR", "TEMP", "TMP")
_UNKNOWN_USER = "unknown"


def child_environment(base: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment of a process that lab4 starts: ``base`` (default: this process's own) without redirections.

    Variables that lead git or pytest elsewhere are left out; relative folders become absolute.
    """
    inherited = os.environ if base is None else base
    kept = {name: inherited[name] for name in inherited if name not in _OF_GIT and not name.startswith(_OF_PYTEST)}
    return kept | {name: _absolute(kept[name]) for name in _FOLDERS if kept.get(name)}


def printed_by(
    command: Sequence[str | Path],
    environment: Mapping[str, str],
    *,
    folder: Path | None = None,
    limit_s: float | None = None,
) -> bytes:
    """What a command without input prints; ``limit_s`` is how long it may take, in seconds.

    Raises:
        OSError: where it does not start.
        subprocess.SubprocessError: where it fails or takes too long; ``stderr`` has what it said.
    """
    return subprocess.run(  # noqa: S603  # the callers' own words
        command,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=limit_s,
        check=True,
    ).stdout


def user_name() -> str:
    """The user's name as text, or a neutral word where the system knows none, as in many containers."""
    try:
        return printable(getpass.getuser()) or _UNKNOWN_USER
    except (KeyError, OSError, ImportError):  # no entry in passwd: Python says it in three ways
        return _UNKNOWN_USER


def _absolute(folder: str) -> str:
    """The folder as every process finds it; the address of a database stays, and so does an unknown user's home."""
    expanded = os.path.expanduser(folder)  # noqa: PTH111  # unlike Path.expanduser it leaves what it does not know
    return folder if "://" in folder or expanded.startswith("~") else str(Path.cwd() / expanded)
