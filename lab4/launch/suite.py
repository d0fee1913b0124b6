"""The suite on one side, started as a user starts it: which cells it has, and one run of it."""

import json
import subprocess
from collections.abc import Collection, Mapping, Sequence
from contextlib import ExitStack, closing, suppress
from pathlib import Path
from random import sample
from types import MappingProxyType
from typing import NamedTuple

from lab4.domain.cell import Cell
from lab4.domain.errors import Lab4Error
from lab4.interleaving import Interleaver
from lab4.launch.guard import guarded
from lab4.launch.side import LaunchSide
from lab4.storage.folders import TemporaryFolder

#: What a gate measures by default: inference in the quick profile.
DEFAULT_ARGUMENTS = ("benchmarks", "-m", "inference", "--lab4-profile", "quick")
#: Options that leave out cells.
_NARROWING = (
    *("-m", "-k", "--deselect", "--ignore", "--lf", "--last-failed", "--lab4-models", "--lab4-techniques"),
    *("--lab4-devices", "--lab4-batch-sizes", "--lab4-threads", "--lab4-train-batch-sizes", "--lab4-formats"),
    *("--lab4-runtimes", "--lab4-resume"),
)
#: Seconds that an interrupted run may take to end, and its guard to kill it after that.
_GRACE_S, _KILL_S = 30, 10
_MODULE, _ANSWER = "lab4_collected_cells", "cells.json"
#: A plugin, because the side's lab4 may be older. All versions parametrize cells by their keys.
_PLUGIN = f"""
import json, pathlib

def pytest_collection_finish(session):
    parameters = [getattr(item, "callspec", None) and item.callspec.params.get("lab4_cell") for item in session.items]
    keys = [key for key in parameters if isinstance(key, str)]
    pathlib.Path(__file__).with_name("{_ANSWER}").write_text(json.dumps(keys), encoding="utf-8")
"""


def collected(side: LaunchSide, arguments: Sequence[str]) -> list[str]:
    """The keys of the cells that pytest would measure on this side with these arguments, in its order.

    Raises:
        Lab4Error: if pytest cannot collect them: one sentence with its last error.
    """
    with TemporaryFolder("cells") as place:
        (place / f"{_MODULE}.py").write_text(_PLUGIN, encoding="utf-8")
        log, answer = place / "log", place / _ANSWER
        with log.open("wb") as output:
            done = subprocess.run(  # noqa: S603  # the user's own interpreter and arguments
                [str(side.python), "-m", "pytest", *arguments, "--collect-only", "-q", "-p", _MODULE],
                cwd=side.folder,
                env=side.environment(place),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                check=False,
            )
        keys: list[str] = json.loads(answer.read_text(encoding="utf-8")) if answer.is_file() else []
        if not keys:
            raise Lab4Error(
                f"{side.name} has no cell to measure (pytest ended with {done.returncode}): {_last_error(log)}; "
                "--pytest names the folder of the cells too, such as --pytest 'benchmarks -m inference'"
            )
        return list(dict.fromkeys(keys))


def measured(side: LaunchSide, arguments: Sequence[str], cells: Collection[str] | None = None) -> bytes:
    """Run pytest with these arguments on the side, for ``cells`` only if given; return the content of its run file.

    Failed cells are in it as such. An interrupt ends the run and is raised again. The run also ends when this process
    is killed.

    Raises:
        Lab4Error: if the run left no file: one sentence with pytest's last error.
    """
    with closing(StartedRun(side, arguments, cells)) as run:
        run.wait()
        return run.content()


class InterleavedRuns(NamedTuple):
    """The run file of each side, and the seconds until the first of them was timed."""

    contents: Sequence[bytes]
    startup_s: float


def measured_interleaved(
    sides: Sequence[LaunchSide],
    arguments: Sequence[str],
    cells: Collection[str] | None = None,
    least_s: float = 0.0,
) -> InterleavedRuns:
    """As `measured`, on all sides at the same time: their runs are interleaved, one window of one side at a time.

    Each times its cells for ``least_s`` at least.

    Raises:
        Lab4Error: if a run left no file.
    """
    with closing(Interleaver(len(sides), least_s)) as interleaver, ExitStack() as started:
        runs: dict[int, StartedRun] = {}
        # In any order: whoever is first finds another machine, with more memory in one piece.
        for number in sample(range(len(sides)), len(sides)):
            run = StartedRun(sides[number], arguments, cells, interleaver.environment(number))
            runs[number] = started.enter_context(closing(run))
        interleaver.serve(lambda number: runs[number].code is None)
        return InterleavedRuns([runs[number].content() for number in sorted(runs)], interleaver.startup_s)


class StartedRun:
    """A run of pytest that was started under a guard, with its log; close it.

    Its results are in ``folder`` where one is given, and else in a temporary one. ``is_grandchild`` as in `guarded`.
    """

    def __init__(  # noqa: PLR0913  # what a process needs
        self,
        side: LaunchSide,
        arguments: Sequence[str],
        cells: Collection[str] | None,
        environment: Mapping[str, str] = MappingProxyType({}),
        folder: Path | None = None,
        *,
        is_grandchild: bool = False,
    ) -> None:
        self._side = side
        self._place = TemporaryFolder("run")
        self._folder, self._log = folder or self._place.path / "results", self._place.path / "log"
        # One word: of two, pytest would take the path for one of tests, and its folder for the project's.
        command = [str(side.python), "-m", "pytest", *arguments, f"--lab4-output={self._folder}"]
        if cells is not None:
            command += ["-m", " or ".join(Cell.from_key(key).marker for key in cells)]
        with self._log.open("wb") as output:
            self._process = subprocess.Popen(  # noqa: S603  # the user's own interpreter and arguments
                guarded(command, _GRACE_S, is_grandchild=is_grandchild),
                cwd=side.folder,
                env={**side.environment(), **environment},
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    @property
    def code(self) -> int | None:
        """The exit code, once the run has ended."""
        return self._process.poll()

    def wait(self, limit_s: float | None = None) -> None:
        """Wait for its end, for so many seconds at most."""
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(limit_s)

    def content(self) -> bytes:
        """The run file; raises `Lab4Error` where there is none."""
        run_file = self._folder / "run.json"
        if not run_file.is_file():
            ended = f"pytest ended with {self.code}"
            raise Lab4Error(f"the run of {self._side.name} left no results ({ended}): {_last_error(self._log)}")
        return run_file.read_bytes()

    def close(self) -> None:
        """End the run if it has not ended, and remove its files."""
        # The terminal sends Ctrl-C to the run as well; for other signals the guard ends it.
        if self._process.stdin is not None:
            self._process.stdin.close()
        try:
            self._process.wait(_GRACE_S + _KILL_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._place.close()


def narrows(arguments: Sequence[str]) -> bool:
    """Whether these arguments select some cells only, by an option, a file or a test.

    >>> narrows(["benchmarks", "--lab4-seed", "2"]), narrows(["benchmarks", "-k", "fcnn"])
    (False, True)
    """
    return any(each.startswith(_NARROWING) or each.partition("::")[0].endswith(".py") for each in arguments)


def _last_error(log: Path) -> str:
    """The line of a log that best explains why pytest ended."""
    lines = [line.strip() for line in log.read_text(encoding="utf-8", errors="replace").splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith(("ERROR", "lab4:", "E "))]
    return (errors or lines or ["it printed nothing"])[-1]
