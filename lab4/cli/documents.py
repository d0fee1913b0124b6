"""What the commands that write documents share: the runs that they read, the files that they write."""

from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from lab4.cli.shared import note
from lab4.domain.errors import Lab4Error
from lab4.domain.outcome import Unavailable
from lab4.domain.text import printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lab4.analysis.document import Document
    from lab4.domain.run import Run
    from lab4.report import Student

#: Exit code where a file could not be rendered.
_NOT_WRITTEN = 2


def declare_files(parser: ArgumentParser, document: str) -> None:
    """Declare the runs to read, ``--output`` and ``--report``."""
    parser.add_argument(
        "runs", nargs="+", type=Path, metavar="RUN", help=f"run.json of a run; several make one {document}"
    )
    parser.add_argument("-o", "--output", metavar="DIR", help="folder to write to (default: of the first run)")
    parser.add_argument("--report", metavar="NAMES", help="what to write, separated by commas (default: html,md,csv)")


def read_runs(arguments: Namespace) -> "list[Run]":
    """Read the runs, and note which were interrupted; raises `RecordError` for a file that is no run."""
    from lab4.history.run_file import read_run

    runs = [read_run(path) for path in arguments.runs]
    for run in runs:
        if not run.complete:
            note(_interruption(run))
    return runs


def write_files(documents: "Sequence[Document]", arguments: Namespace, student: "Student | None" = None) -> int:
    """Write the documents as asked, print the paths, and return the exit code.

    Raises:
        UnknownNameError: for a report that does not exist.
        OutputError: if the folder or a file cannot be written.
    """
    from lab4.report.files import write_documents

    folder = arguments.runs[0].parent if arguments.output is None else Path(arguments.output)
    if arguments.output == "" or folder.is_file():  # None is the default
        raise Lab4Error(f"-o {arguments.output!r} is not a folder; name the folder to write to")
    written = write_documents(documents, folder, _reports(arguments.report), student)
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
