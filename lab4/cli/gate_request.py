"""The sides, pytest arguments and cells that a gate measures, all checked before the first measurement."""

import os
import shlex
import sys
from argparse import Namespace
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from lab4.cache.default import default_folder, why_not_usual
from lab4.cli.project import project_table
from lab4.domain.errors import Lab4Error
from lab4.domain.pattern import selected
from lab4.launch import LaunchSide, checked_out, collected, judged_only, require_suite

__all__ = ["MeasuringRequest", "other_side", "pytest_words", "request_of", "this_side"]

#: Options with relative paths that must refer to the same file on both sides, by their keys in ``[tool.lab4]``.
_SHARED = ("cache", "dataset")


@dataclass(frozen=True, slots=True)
class MeasuringRequest:
    """pytest's arguments, the cells to measure (``None``: all) and those that a selection leaves out."""

    arguments: tuple[str, ...]
    cells: tuple[str, ...] | None = None
    left_out: tuple[str, ...] = ()


def this_side() -> LaunchSide:
    """This checkout in this environment; raises `UnavailableError` where it cannot measure."""
    side = LaunchSide("this checkout", Path(sys.executable), Path.cwd())
    require_suite(side)
    return side


@contextmanager
def other_side(arguments: Namespace) -> Iterator[LaunchSide]:
    """The environment or the revision to compare with; raises `UnavailableError` where it cannot measure."""
    if arguments.against is None:
        side = LaunchSide(str(arguments.against_env), arguments.against_env.absolute(), Path.cwd())
        require_suite(side)
        yield side
    else:
        with checked_out(arguments.against, Path.cwd()) as folder:
            yield LaunchSide(arguments.against, Path(sys.executable), folder)


def request_of(
    written: str | None, default: Sequence[str], sides: Sequence[LaunchSide], cells: str | None = None
) -> MeasuringRequest:
    """The request for all of these sides: pytest arguments ``written`` or ``default``, and cells that match ``cells``.

    Raises:
        Lab4Error: where a pattern matches no cell of any side, or a side has no selected cell.
    """
    own = list(default) if written is None else pytest_words(written)
    words = (*judged_only(sides), *_shared(own))
    if cells is None:
        return MeasuringRequest(words)
    cells_by_side = {side.name: collected(side, words) for side in sides}
    together = list(dict.fromkeys(key for keys in cells_by_side.values() for key in keys))
    chosen = selected(together, cells)
    for name, keys in cells_by_side.items():
        if not set(keys) & set(chosen):
            raise Lab4Error(f"{name} has no cell like {cells!r}; it has {keys[0]} and {len(keys) - 1} more")
    return MeasuringRequest(words, tuple(chosen), tuple(key for key in together if key not in chosen))


def pytest_words(written: str) -> list[str]:
    """The arguments in ``--pytest``; raises `Lab4Error` where they are not valid shell words."""
    try:
        return shlex.split(written)
    except ValueError as error:
        raise Lab4Error(f"--pytest {written!r}: {error}; write its arguments as in a shell") from None


def _shared(own: Sequence[str]) -> list[str]:
    """The arguments, with absolute paths for the cache and a dataset file: each side has its own working folder."""
    words, table = list(own), project_table()
    for key in _SHARED:
        flag = f"--lab4-{key}"
        given = [number for number, word in enumerate(words) if word == flag or word.startswith(f"{flag}=")]
        for number in given:
            if "=" in words[number]:
                words[number] = f"{flag}={_absolute(key, words[number].partition('=')[2], Path.cwd())}"
            elif number + 1 < len(words):
                words[number + 1] = _absolute(key, words[number + 1], Path.cwd())
        written = table.values.get(key) or (_cache_in_working_folder() if key == "cache" else None)
        if not given and isinstance(written, str):
            words = [flag, _absolute(key, written, table.folder), *words]
    return words


def _cache_in_working_folder() -> str | None:
    """The cache of a user without a usable home folder, which would differ between the sides."""
    folder = default_folder()
    return str(folder) if why_not_usual(folder) else None


def _absolute(key: str, path: str, folder: Path) -> str:
    if not path or (key == "dataset" and not path.endswith(".npz")):  # a name
        return path
    return str(folder / os.path.expanduser(path))  # noqa: PTH111  # leaves an unknown user's home as it is
