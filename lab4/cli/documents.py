"""``lab4 report`` and ``lab4 worksheet``: runs in, documents out."""

from argparse import ArgumentParser, Namespace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from lab4.cli.commands import Command
from lab4.cli.shared import answer, given_text, note
from lab4.domain.errors import Lab4Error
from lab4.domain.outcome import Unavailable
from lab4.domain.text import printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lab4.analysis.document import Document, Section
    from lab4.domain.run import Run
    from lab4.report import Student

#: Exit code where a file could not be rendered.
_NOT_WRITTEN = 2


def _declare(parser: ArgumentParser, document: str, least: str = "+") -> None:
    parser.add_argument(
        "runs",
        nargs=least,
        type=Path,
        metavar="RUN",
        help=f"run.json of a run, or a folder of such files; several make one {document}",
    )
    parser.add_argument("-o", "--output", metavar="DIR", help="folder to write to (default: of the first run)")
    parser.add_argument(
        "--report",
        metavar="NAMES",
        help="what to write, separated by commas: html, pdf, docx, md, csv (default: all but docx; no pdf of a report)",
    )


def _read_runs(arguments: Namespace) -> "list[Run]":
    """Read the runs, and note which were interrupted; raises `Lab4Error` for a file that is no run."""
    from lab4.reading.runs import whole_runs_at

    runs = whole_runs_at(arguments.runs, note)
    if arguments.runs and not runs:
        raise Lab4Error(
            f"there is no run in {', '.join(map(str, arguments.runs))}; measure one with: pytest benchmarks"
        )
    for run in runs:
        if not run.complete:
            note(_interruption(run))
    return runs


def _folder(arguments: Namespace) -> Path:
    """The folder to write to; raises `Lab4Error` for what cannot be one."""
    usual = next(_folders_of_runs(arguments), Path())
    folder = usual if arguments.output is None else Path(arguments.output)
    if arguments.output == "" or folder.is_file():  # None is the default
        raise Lab4Error(f"-o {arguments.output!r} is not a folder; name the folder to write to")
    return folder


def _folders_of_runs(arguments: Namespace) -> "Iterator[Path]":
    """The folders that the runs were named by, or are in."""
    return (run if run.is_dir() else run.parent for run in arguments.runs)


def _write(
    document: "Document", arguments: Namespace, student: "Student | None" = None, more: "Sequence[Path]" = ()
) -> int:
    """Write the document as asked, print the paths and ``more`` that were written, and return the exit code.

    Raises:
        UnknownNameError: for a report that does not exist.
        OutputError: if the folder or a file cannot be written.
    """
    from lab4.report.files import write_documents

    written = write_documents([document], _folder(arguments), _reports(arguments.report), student)
    for sentence in (*written.faults, *written.notes):
        note(sentence)
    paths = [*map(str, written.paths), *map(str, more)]
    if paths or arguments.json:
        plain = {"written": paths, "not_written": [*written.faults, *written.notes]}
        answer(arguments, "\n".join(map(printable, paths)), plain)
    return _NOT_WRITTEN if written.faults else 0


def _reports(names: str | None) -> tuple[str, ...]:
    from lab4.report import REPORTS

    if names is None:
        return ()
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
    from lab4.worksheet import candidate_sections, has_form_cells

    runs = _read_runs(arguments)
    more = candidate_sections(runs) if has_form_cells(runs) else ()
    if arguments.with_history is not None:
        more = (_history(arguments.with_history, runs), *more)
    return _write(report(runs, more), arguments)


def _history(url: str, runs: "Sequence[Run]") -> "Section":
    """How the latencies of the runs' cells changed over a history; raises `Lab4Error` where it cannot be read."""
    from lab4.analysis.charts.histories import latency_history
    from lab4.reading.store import trend_samples

    cells = [each.cell.key for run in runs for each in run.measurements]
    return latency_history(trend_samples(url, note, lambda cell: cell in cells))


def _declare_report(parser: ArgumentParser) -> None:
    _declare(parser, "report")
    parser.add_argument(
        "--with-history",
        metavar="URL",
        help="add how latencies changed over a history: a folder, sqlite:///FILE or postgresql://USER@HOST/NAME",
    )


def _declare_worksheet(parser: ArgumentParser) -> None:
    _declare(parser, "worksheet", least="*")
    for option, value, what in (
        ("--name", None, "the student's name"),
        ("--student-id", "ID", "the student's ID"),
        ("--date", None, "the date"),
    ):
        text = partial(given_text, option)
        parser.add_argument(option, default="", type=text, metavar=value, help=f"{what}, for the worksheet's head")
    parser.add_argument("--reflection", type=Path, metavar="FILE", help="text file with the student's own reflection")
    parser.add_argument(
        "--answers",
        type=Path,
        metavar="FILE",
        help="the student's own answers (default: answers.md in the folder to write to, or next to the first run)",
    )
    parser.add_argument("--blank", action="store_true", help="write the empty form, to be filled in by hand")


def _worksheet(arguments: Namespace) -> int:
    from lab4.report.written_answers import ensure_file
    from lab4.worksheet import blank_form, worksheet

    if bool(arguments.runs) is arguments.blank:
        raise Lab4Error("name a run, such as lab4-results/run.json, or ask for the empty form with --blank")
    _reports(arguments.report)  # refused before anything is written
    document = blank_form() if arguments.blank else worksheet(_read_runs(arguments))
    answers = arguments.answers or (None if arguments.blank else _usual_answers(arguments))
    student = _student(document, arguments, answers)
    made = None if arguments.blank or answers else ensure_file(document, _folder(arguments))
    return _write(document, arguments, student, [made] if made is not None else [])


def _usual_answers(arguments: Namespace) -> Path | None:
    """The file of answers in the folder to write to, or else next to the first run; ``None`` without one."""
    from lab4.report.written_answers import ANSWERS_FILE

    places = [_folder(arguments), next(_folders_of_runs(arguments))]
    return next((place / ANSWERS_FILE for place in places if (place / ANSWERS_FILE).exists()), None)


def _student(document: "Document", arguments: Namespace, path: Path | None) -> "Student":
    """Who hands it in: what the options say, and otherwise the file of answers; raises `Lab4Error`."""
    from lab4.report import Student
    from lab4.report.written_answers import student_in

    student = Student()
    if path is not None:
        student = student_in(path, document, note, is_needed=path == arguments.answers)
    reflection = student.reflection if arguments.reflection is None else _text(arguments.reflection)
    return Student(
        arguments.name or student.name,
        arguments.student_id or student.student_id,
        arguments.date or student.date,
        reflection,
        student.answers,
    )


def _text(path: Path) -> str:
    """Read the student's text; raises `Lab4Error` where it cannot be read."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise Lab4Error(f"cannot read {path}: it is not UTF-8 text; save it as UTF-8") from None
    except (OSError, ValueError) as error:  # ValueError: a path that no system has, with a NUL in it
        raise Lab4Error(f"cannot read {path}: {getattr(error, 'strerror', None) or error}") from None


WORKSHEET = Command(
    "fill in the worksheet from one or more runs",
    _declare_worksheet,
    _worksheet,
    ('lab4 worksheet lab4-results/run.json --name "Ada Lovelace" -o handed-in', "lab4 worksheet --blank"),
)
REPORT = Command(
    "report everything that one or more runs measured",
    _declare_report,
    _report,
    ("lab4 report laptop/run.json server/run.json -o both", "lab4 report run.json --with-history .benchmarks"),
)
