"""``lab4 worksheet``: runs in, the filled worksheet out."""

from argparse import ArgumentParser, Namespace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from lab4.cli.command import Command
from lab4.cli.shared import given_text, note
from lab4.domain.errors import Lab4Error
from lab4.domain.outcome import Unavailable
from lab4.domain.text import printable

if TYPE_CHECKING:
    from lab4.domain.run import Run

__all__ = ["WORKSHEET"]


def _declare(parser: ArgumentParser) -> None:
    parser.add_argument(
        "runs", nargs="+", type=Path, metavar="RUN", help="run.json of a run; several fill one worksheet"
    )
    parser.add_argument("-o", "--output", metavar="DIR", help="folder to write to (default: of the first run)")
    for option, value, what in (
        ("--name", None, "the student's name"),
        ("--student-id", "ID", "the student's ID"),
        ("--date", None, "the date"),
    ):
        text = partial(given_text, option)
        parser.add_argument(option, default="", type=text, metavar=value, help=f"{what}, for the worksheet's head")
    parser.add_argument("--reflection", type=Path, metavar="FILE", help="text file with the student's own reflection")


def _run(arguments: Namespace) -> int:
    from lab4.analysis.worksheet import worksheet
    from lab4.history.run_file import read_run
    from lab4.report.files import write_worksheet
    from lab4.report.student import Student

    reflection = None if arguments.reflection is None else _text(arguments.reflection)
    student = Student(arguments.name, arguments.student_id, arguments.date, reflection)
    runs = [read_run(path) for path in arguments.runs]
    for run in runs:
        if not run.complete:
            note(_interruption(run))
    folder = arguments.runs[0].parent if arguments.output is None else Path(arguments.output)
    if arguments.output == "" or folder.is_file():  # None is the default
        raise Lab4Error(f"-o {arguments.output!r} is not a folder; name the folder to write to")
    for path in write_worksheet(worksheet(runs), folder, student):
        print(printable(str(path)))
    return 0


def _text(path: Path) -> str:
    """Read the student's text; raises `Lab4Error` where it cannot be read."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise Lab4Error(f"cannot read {path}: it is not UTF-8 text; save it as UTF-8") from None
    except (OSError, ValueError) as error:  # ValueError: a path that no system has, with a NUL in it
        raise Lab4Error(f"cannot read {path}: {getattr(error, 'strerror', None) or error}") from None


def _interruption(run: "Run") -> str:
    from lab4.domain.errors import INTERRUPTED

    planned = len(run.measurements)
    has = sum(each.outcome != Unavailable(INTERRUPTED) for each in run.measurements)
    return (
        f"{run.source} is of a run that was interrupted: it has {has} of {planned} cells; "
        "measure the others by the same command with --lab4-resume"
    )


WORKSHEET = Command("fill in the worksheet from one or more runs", _declare, _run)
