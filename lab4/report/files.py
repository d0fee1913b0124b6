"""The files of documents in a folder."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from lab4.analysis.document import Document
from lab4.domain.text import printable, valid_text
from lab4.report import REPORTS, Student


@dataclass(frozen=True, slots=True)
class Written:
    """The files that were written, and for each that could not be rendered a sentence that says why.

    ``notes`` are of those that were not asked for by name.
    """

    paths: tuple[Path, ...]
    faults: tuple[str, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReportFile:
    """A document by a report, in a file of this name."""

    name: str
    report: str
    document: Document


#: Renders files for a student: the content of each, or a sentence that says why there is none.
RenderAll = Callable[[Sequence[ReportFile], Student], Sequence[bytes | str]]


def render_in_turn(files: Sequence[ReportFile], student: Student) -> list[bytes | str]:
    """Render one file after another; a report that raises costs its own file only."""
    return [_rendered(file.name, file.report, file.document, student) for file in files]


def write_documents(
    documents: Sequence[Document],
    folder: Path,
    reports: Sequence[str],
    student: Student | None = None,
    render: RenderAll = render_in_turn,
) -> Written:
    """Write every document by each of these reports; an earlier file that differs is kept in ``earlier/``.

    Without any named, by those that are usual for the document. A report that raises costs its own file only. Raises
    `UnknownNameError` for a report that does not exist; and `OutputError` if the folder or a file cannot be written.
    """
    from lab4.storage.atomic import write_atomically

    # All are rendered before any is written, so that the files of a folder belong together.
    named = [
        ReportFile(name, report, document) for document in documents for report, name in file_names(document, reports)
    ]
    lacking = {each.name: why for each in named if not reports and (why := REPORTS[each.report].lacking)}
    wanted = [each for each in named if each.name not in lacking]
    contents = dict(zip((each.name for each in wanted), render(wanted, student or Student()), strict=True))
    files = {name: content for name, content in contents.items() if isinstance(content, bytes)}
    for name, content in files.items():
        write_atomically(folder / name, content, keep_earlier=True)
    faults = tuple(content for content in contents.values() if isinstance(content, str))
    notes = tuple(f"{name} was not written: {why}" for name, why in lacking.items())
    return Written(tuple(folder / name for name in files), faults, notes)


def file_names(document: Document, reports: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Each report with its file's name: of several with one ending, the first to be listed has the shortest."""
    seen = set()
    chosen = [name for name in REPORTS if name in reports]
    if not reports:
        chosen = [name for name in REPORTS.own if REPORTS[name].is_usual(document)]
    for report in [*chosen, *(name for name in reports if name not in chosen)]:
        suffix = REPORTS[report].suffix
        yield report, f"{document.name}.{report}.{suffix}" if suffix in seen else f"{document.name}.{suffix}"
        seen.add(suffix)


def _rendered(name: str, report: str, document: Document, student: Student) -> bytes | str:
    if lacking := REPORTS[report].lacking:
        return f"{name} was not written: {lacking}"
    try:
        content = REPORTS[report].render(document, student)
    except Exception as error:  # noqa: BLE001  # whatever a report raises, the others are written
        reason = " ".join(str(error).split())
        what = f"raised {type(error).__name__}{f': {reason}' if reason else ''}"
    else:
        if isinstance(content, bytes):
            return content
        if isinstance(content, str):
            return valid_text(content).encode()
        what = f"returned {type(content).__name__}, not str or bytes"
    package = REPORTS.package_of(report)
    return printable(f"{name} was not written: the report {report!r} of the package {package} {what}")
