"""One run of the suite, started as a user starts it."""

import subprocess
from collections.abc import Collection, Sequence
from pathlib import Path

from lab4.domain.cell import Cell
from lab4.domain.errors import Lab4Error
from lab4.launch.guard import guarded
from lab4.launch.side import Side
from lab4.storage.temporary import TemporaryFolder

__all__ = ["DEFAULT_ARGUMENTS", "last_error", "measured", "narrows"]

#: What is measured again and again: what a quick run says of inference.
DEFAULT_ARGUMENTS = ("benchmarks", "-m", "inference", "--lab4-profile", "quick")
#: Options that leave out cells.
_NARROWING = (
    *("-m", "-k", "--deselect", "--ignore", "--lf", "--last-failed", "--lab4-models", "--lab4-techniques"),
    *("--lab4-devices", "--lab4-batch-sizes", "--lab4-threads", "--lab4-train-batch-sizes", "--lab4-formats"),
)
#: How long a run that was interrupted may take to end, and its guard to kill it after that.
_GRACE_S, _KILL_S = 30, 10
_RUN_FILE = "run.json"


def measured(side: Side, arguments: Sequence[str], cells: Collection[str] | None = None) -> bytes:
    """Run pytest with these arguments on the side, of ``cells`` alone if given; returns what its run file holds.

    A cell that fails is in it as such. An interrupt ends the run too, and is raised again; the run also ends when
    this process is killed.

    Raises:
        Lab4Error: if the run left no file: in one sentence what pytest said last.
    """
    with TemporaryFolder("run") as place:
        folder, log = place / "results", place / "log"
        command = [str(side.python), "-m", "pytest", *arguments, "--lab4-output", str(folder)]
        if cells is not None:
            command += ["-m", " or ".join(Cell.from_key(key).marker for key in cells)]
        with log.open("wb") as output:
            process = subprocess.Popen(  # noqa: S603  # the user's own interpreter and arguments
                guarded(command, _GRACE_S),
                cwd=side.folder,
                env=side.environment,
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
            code = _waited_for(process)
        found = folder / _RUN_FILE
        if not found.is_file():
            raise Lab4Error(f"the run of {side.name} left no results (pytest ended with {code}): {last_error(log)}")
        return found.read_bytes()


def narrows(arguments: Sequence[str]) -> bool:
    """Whether pytest is asked for some cells only: by an option of its own or of ours, or by a file or a test.

    >>> narrows(["benchmarks", "--lab4-seed", "2"]), narrows(["benchmarks", "-k", "fcnn"])
    (False, True)
    """
    return any(each.startswith(_NARROWING) or each.partition("::")[0].endswith(".py") for each in arguments)


def _waited_for(process: subprocess.Popen[bytes]) -> int:
    pipe = process.stdin
    if pipe is None:
        raise AssertionError  # it was started with one
    try:
        return process.wait()
    except BaseException:
        # A Ctrl-C of the terminal has reached the run as well, another signal has not: the guard ends it.
        pipe.close()
        try:
            process.wait(_GRACE_S + _KILL_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        raise
    finally:
        pipe.close()


def last_error(log: Path) -> str:
    """The line of a log that says best why pytest ended."""
    lines = [line.strip() for line in log.read_text(encoding="utf-8", errors="replace").splitlines() if line.strip()]
    telling = [line for line in lines if line.startswith(("ERROR", "lab4:", "E "))]
    return (telling or lines or ["it printed nothing"])[-1]
