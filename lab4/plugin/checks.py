"""What is refused before the first minute of measuring."""

from __future__ import annotations

import shutil
from contextlib import suppress
from itertools import pairwise
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, Any

import pytest

from lab4.domain.errors import OutputError, RecordError
from lab4.history.run_schema import machine_from_plain
from lab4.plugin.options import OPTIONS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

#: A run's files are under 2 MB.
_OUTPUT_BYTES = 10_000_000
#: Where pytest finds a project's settings.
_PROJECT_FILES = (
    *("pytest.toml", ".pytest.toml", "pytest.ini", ".pytest.ini"),
    *("pyproject.toml", "tox.ini", "setup.cfg"),
)


def require_room(folder: Path) -> None:
    """Raise `OutputError` where the folder cannot be written or has too little free space for a run's files."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with TemporaryFile(dir=folder) as probe:
            probe.write(b"lab4")
    except OSError as error:
        reason = "it is a file" if folder.is_file() else error.strerror or error
        raise OutputError(f"{folder} cannot take the results ({reason}); choose another with --lab4-output") from None
    free = shutil.disk_usage(folder).free
    if free < _OUTPUT_BYTES:
        raise OutputError(
            f"{folder} has {free / 1e6:.1f} MB free and a run may need {_OUTPUT_BYTES / 1e6:.0f}; "
            "make room, or choose another folder with --lab4-output"
        )


def require_same_run(folder: Path, before: dict[str, Any], now: dict[str, Any]) -> None:
    """Raise `RecordError` unless a run can continue: same machine, settings, images and cells."""
    machines = [machine_from_plain(header["machine"]).hardware_id for header in (before, now)]
    differing = [name for name in ("settings", "dataset") if before[name] != now[name]]
    if machines[0] != machines[1]:
        differing.append("machine")
    if set(before["planned"]) != set(now["planned"]):
        differing.append("selection of cells")
    if differing:
        raise RecordError(
            f"the interrupted run in {folder} and this run differ in their {' and '.join(differing)}; give the "
            "options of the interrupted run, or start anew without --lab4-resume"
        )


def require_own_root(config: pytest.Config) -> None:
    """Refuse a project's settings that pytest took from the folder of a path in an option of ours.

    pytest looks for its root folder before it knows the options of plugins, and takes FILE in ``--lab4-model FILE`` for
    the path of tests.

    Raises:
        pytest.UsageError: where that changes which project file counts.
    """
    here = config.invocation_params.dir
    flag = next(_taken_for_tests(config), None)
    if flag is None or config.getoption("rootdir") or _has_tests_below(config.rootpath, config):
        return
    folders = [each for each in (here, *here.parents) if any((each / name).exists() for name in _PROJECT_FILES)]
    is_foreign = config.inipath is not None and config.inipath.parent not in (here, *here.parents)
    if is_foreign or (folders and config.rootpath not in folders):
        raise pytest.UsageError(
            f"lab4: pytest takes {config.rootpath} for the project's folder, because of what {flag} names; write "
            f"{flag}=... with an equals sign, or add --rootdir=."
        )


def _taken_for_tests(config: pytest.Config) -> Iterator[str]:
    """Options of ours whose value is the next word, and the path of something that is there."""
    words = config.invocation_params.args
    flags = {option.flag for option in OPTIONS if option.kind != "flag"}
    for flag, value in pairwise(words):
        with suppress(OSError):  # a text of any length
            if flag in flags and (config.invocation_params.dir / value).exists():
                yield str(flag)


def _has_tests_below(folder: Path, config: pytest.Config) -> bool:
    """Whether tests in the folder were named."""
    if config.args_source is not pytest.Config.ArgsSource.ARGS:
        return False
    here = config.invocation_params.dir
    return any((here / each.partition("::")[0]).resolve().is_relative_to(folder) for each in config.args)
