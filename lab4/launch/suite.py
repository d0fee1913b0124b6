"""One run of the suite, started as a user starts it."""

import subprocess
from collections.abc import Collection, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from lab4.domain.cell import Cell
from lab4.domain.errors import Lab4Error
from lab4.launch.side import Side

__all__ = ["DEFAULT_ARGUMENTS", "measured", "narrows"]

#: What is measured again and again: what a quick run says of inference.
DEFAULT_ARGUMENTS = ("benchmarks", "-m", "inference", "--lab4-profile", "quick")
#: Options that leave out cells.
_NARROWING = (
    *("-m", "-k", "--deselect", "--ignore", "--lf", "--last-failed", "--lab4-models", "--lab4-techniques"),
    *("--lab4-devices", "--lab4-batch-sizes", "--lab4-threads", "--lab4-train-batch-sizes", "--lab4-formats"),
)
#: How long a run that was interrupted may take to end.
_GRACE_S = 30
_RUN_FILE = "run.json"


def measured(side: Side, arguments: Sequence[str], cells: Collection[str] | None = None) -> bytes:
    """Run pytest with these arguments on the side, of ``cells`` alone if given; returns what its run file holds.

    A cell that fails stands in it as such. An interrupt ends the run too, and is raised again.

    Raises:
        Lab4Error: if the run left no file: in one sentence what pytest said last.
    """
    with TemporaryDirectory(prefix="lab4-run-") as place:
        folder, log = Path(place, "results"), Path(place, "log")
        command = [str(side.python), "-m", "pytest", *arguments, "--lab4-output", str(folder)]
        if cells is not None:
            command += ["-m", " or ".join(_exactly(Cell.from_key(key)) for key in cells)]
        with log.open("wb") as output:
            process = subprocess.Popen(  # noqa: S603  # the user's own interpreter and arguments
                command,
                cwd=side.folder,
                env=side.environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
            code = _waited_for(process)
        found = folder / _RUN_FILE
        if not found.is_file():
            raise Lab4Error(f"the run of {side.name} left no results (pytest ended with {code}): {_last_words(log)}")
        return found.read_bytes()


def narrows(arguments: Sequence[str]) -> bool:
    """Whether pytest is asked for some cells only: by an option of its own or of ours, or by a file or a test.

    >>> narrows(["benchmarks", "--lab4-seed", "2"]), narrows(["benchmarks", "-k", "fcnn"])
    (False, True)
    """
    return any(each.startswith(_NARROWING) or each.partition("::")[0].endswith(".py") for each in arguments)


def _exactly(cell: Cell) -> str:
    """The marker expression that selects this cell and no other."""
    named = {
        "part": cell.part,
        "model": cell.model,
        "technique": ".".join(cell.techniques) or "original",
        "device": cell.device,
        "batch_size": cell.batch_size,
        "threads": cell.threads,
        "format": cell.format,
    }
    return f"cell({', '.join(f'{name}={value!r}' for name, value in named.items())})"


def _waited_for(process: subprocess.Popen[bytes]) -> int:
    try:
        return process.wait()
    except BaseException:
        process.terminate()  # a Ctrl-C of the terminal has reached the run as well, another signal has not
        try:
            process.wait(_GRACE_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        raise


def _last_words(log: Path) -> str:
    lines = [line.strip() for line in log.read_text(encoding="utf-8", errors="replace").splitlines() if line.strip()]
    told = [line for line in lines if line.startswith(("ERROR", "lab4:", "E "))]
    return (told or lines or ["it printed nothing"])[-1]
