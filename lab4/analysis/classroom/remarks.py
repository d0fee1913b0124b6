"""What one student's own page says of what was handed in.

Nothing in it is of another student: of the class it says which way a figure is out of line, and never a figure.
"""

from collections.abc import Callable, Iterator, Sequence

from lab4.analysis.classroom import words
from lab4.analysis.classroom.assessment import Assessed
from lab4.analysis.classroom.outliers import Outlier
from lab4.analysis.classroom.submission import Refused
from lab4.analysis.document import Prose, Section, Sentence
from lab4.analysis.tables import Text
from lab4.domain.commands import measuring
from lab4.domain.text import counted

_TITLE = "Remarks on what you handed in"


def remarks(student: Assessed, text: Callable[[str], str], *, are_real_cells: bool) -> Section:
    """The remarks; ``text`` takes names out of a text, and real cells are named in the command that measures them."""
    refused = student.submission.refused
    lists = {
        "": _in_short(student),
        "Files that could not be used": _refused(refused),
        "Missing": _missing(student, are_real_cells=are_real_cells),
        "Failed": words.cells_by_reason(student.in_state("failed"), None),
        "Not possible on your machine": words.cells_by_reason(student.in_state("impossible"), None),
        "Figures that are out of line": map(_outlier, student.outliers),
    }
    blocks = (Prose(tuple(_sentence(text(each)) for each in sentences), title) for title, sentences in lists.items())
    return Section(_TITLE, tuple(block for block in blocks if block.sentences))


def _sentence(text: str) -> Sentence:
    return Sentence("{}", ((Text(text), "text"),))


def _refused(refused: Sequence[Refused]) -> Iterator[str]:
    """The reasons; files have numbers, as a name of a file may say anything."""
    names = dict.fromkeys(each.name for each in refused if each.name)
    numbers = {name: f"file {number}" for number, name in enumerate(names, 1)}
    yield from (f"{numbers.get(each.name, 'the file')}: {each.reason}" for each in refused)


def _in_short(student: Assessed) -> Iterator[str]:
    measured, asked = len(student.in_state("measured")), len(student.cells)
    runs, cells = counted(len(student.submission.files), "run"), counted(asked, "cell")
    yield f"Handed in as {student.submission.id}: {runs} with {measured} of the {cells} that were asked for."
    if student.is_complete and not (student.outliers or student.submission.refused):
        yield "There is nothing to remark."


def _missing(student: Assessed, *, are_real_cells: bool) -> Iterator[str]:
    missing = student.in_state("missing")
    if student.submission.files:
        yield from words.cells_by_reason(missing, None)
    else:
        yield "Every cell: no run could be used"
    if missing and are_real_cells and student.submission.files:
        profile = student.submission.files[-1].run.settings.profile
        yield f"To measure them: {measuring((each.cell.key for each in missing), profile)}"
    elif missing:
        yield "To measure them: pytest benchmarks; a run that was interrupted goes on with --lab4-resume"


def _outlier(outlier: Outlier) -> str:
    way = {"slower": "slower than", "faster": "faster than", "any": "far from"}[outlier.direction]
    likely, further = words.why(outlier, own=True)
    cells = f" ({words.listed(cell.key for cell in outlier.cells)})" if outlier.extent == "cells" else ""
    also = f" Also particular: {further}." if further else ""
    figures = words.what(outlier)
    return (
        f"{figures[:1].upper()}{figures[1:]}{cells}: {way} what is usual in the class. Likely reason: {likely}.{also}"
    )
