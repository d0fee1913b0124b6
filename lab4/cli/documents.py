"""``lab4 report`` and ``lab4 worksheet``: runs in, documents out."""

from argparse import ArgumentParser, Namespace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from lab4.cli.commands import Command
from lab4.cli.shared import given_text, note
from lab4.domain.errors import Lab4Error
from lab4.domain.outcome import Unavailable
from lab4.domain.text import printable

if TYPE_CHECKING:
    from lab4.analysis.document import Document
    from lab4.domain.run import Run
    from lab4.report import Student

#: Exit code where a file could not be rendered.
_NOT_WRITTEN = 2


def _declare(parser: ArgumentParser, document: str) -> None:
    parser.add_argument(
        "runs", nargs="+", type=Path, metavar="RUN", help=f"run.json of a run; several make one {document}"
    )
    parser.add_argument("-o", "--output", metavar="DIR", help="folder to write to (default: of the first run)")
    parser.add_argument("--report", metavar="NAMES", help="what to write, separated by commas (default: html,md,csv)")


def _read_runs(arguments: Namespace) -> "list[Run]":
    """Read the runs, and note which were interrupted; raises `RecordError` for a file that is no run."""
    from lab4.history.run_file import read_run

    runs = [read_run(path) for path in arguments.runs]
    for run in runs:
        if not run.complete:
            note(_interruption(run))
    return runs


def _write(document: "Document", arguments: Namespace, student: "Student | None" = None) -> int:
    """Write the document as asked, print the paths, and return the exit code.

    Raises:
        UnknownNameError: for a report that does not exist.
        OutputError: if the folder or a file cannot be written.
    """
    from lab4.report.files import write_documents

    folder = arguments.runs[0].parent if arguments.output is None else Path(arguments.output)
    if arguments.output == "" or folder.is_file():  # None is the default
        raise Lab4Error(f"-o {arguments.output!r} is not a folder; name the folder to write to")
    written = write_documents([document], folder, _reports(arguments.report), student)
    for path in written.paths:
        print(printable(str(path)))
    for fault in written.faults:
        note(fault)
    return _NOT_WRITTEN if written.faults else 0


def _reports(names: str | None) -> tuple[str, ...]:
    from lab4.report import REPORTS

    if names is None:
        return tuple(REPORTS.own)
    written = (name.strip() for name in names.split(",") if name.strip())
    chosen = tuple(dict.fromkeys(REPORTS.expanded(written)))
    if not chosen:
        raise Lab4Error(f"--report is empty; write at least one of {', '.join(REPORTS)}")
    REPORTS.require(chosen, "--report")
    return chosen


def _interruption(run: "Run") -> str:
    from lab4.domain.errors import INTERRUPTED

    planned = len(run.measurements)
    has = sum(each.outcome != Unavailable(INTERRUPTED) for each in run.measurements)
    return (
        f"{run.source} is from an interrupted run: it has {has} of {planned} cells; "
        "measure the others by the same command with --lab4-resume"
    )


def _report(arguments: Namespace) -> int:
    from lab4.analysis.overview import report

    return _write(report(_read_runs(arguments)), arguments)


def _declare_worksheet(parser: ArgumentParser) -> None:
    _declare(parser, "worksheet")
    for option, value, what in (
        ("--name", None, "the student's name"),
        ("--student-id", "ID", "the student's ID"),
        ("--date", None, "the date"),
    ):
        text = partial(given_text, option)
        parser.add_argument(option, default="", type=text, metavar=value, help=f"{what}, for the worksheet's head")
    parser.add_argument("--reflection", type=Path, metavar="FILE", help="text file with the student's own reflection")


def _worksheet(arguments: Namespace) -> int:
    from lab4.report import Student
    from lab4.worksheet import worksheet

    reflection = None if arguments.reflection is None else _text(arguments.reflection)
    student = Student(arguments.name, arguments.student_id, arguments.date, reflection)
    return _write(worksheet(_read_runs(arguments)), arguments, student)


def _text(path: Path) -> str:
    """Read the student's text; raises `Lab4Error` where it cannot be read."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise Lab4Error(f"cannot read {path}: it is not UTF-8 text; save it as UTF-8") from None
    except (OSError, ValueError) as error:  # ValueError: a path that no system has, with a NUL in it
        raise Lab4Error(f"cannot read {path}: {getattr(error, 'strerror', None) or error}") from None


WORKSHEET = Command("fill in the worksheet from one or more runs", _declare_worksheet, _worksheet)
REPORT = Command("report everything that one or more runs measured", partial(_declare, document="report"), _report)
