"""What is found about a class in words, for the instructor's page, a student's page and the terminal alike."""

from collections.abc import Iterable, Sequence

from lab4.analysis.classroom.assessment import Assessed, Assessment
from lab4.analysis.classroom.copies import Copy
from lab4.analysis.classroom.outliers import Outlier
from lab4.analysis.classroom.submission import AskedCell
from lab4.domain.text import counted

#: So many cells are named; the others are counted.
_NAMED = 4
_PAIR = 2
#: A factor of which no decimals matter.
_MANY = 100
#: What is the same of copies.
_SAME = {
    "file": "the same file",
    "run": "the same run, in files that differ",
    "samples": "the same samples",
    "answers": "the same answers",
}
NOTHING = "nothing in the record explains it"


def listed(names: Iterable[str], most: int | None = _NAMED) -> str:
    """The names, or the first of them and how many more there are; with ``None`` all of them.

    >>> listed(["a", "b", "c"], 2)
    'a, b and 1 more'
    """
    found = list(dict.fromkeys(names))
    more = 0 if most is None else len(found) - most
    return f"{', '.join(found[:most])}{f' and {more} more' if more > 0 else ''}"


def cells_by_reason(cells: Sequence[AskedCell], most: int | None = _NAMED) -> list[str]:
    """The cells' keys, together for each reason, so many of them named."""
    reasons: dict[str, list[str]] = {}
    for each in cells:
        reasons.setdefault(each.reason, []).append(each.cell.key)
    return [f"{listed(keys, most)}: {reason}" for reason, keys in reasons.items()]


def in_short(found: Assessment) -> tuple[str, ...]:
    """What there is, counted, in a sentence each."""
    students = found.students
    runs = sum(len(each.submission.files) for each in students)
    refused = sum(len(each.submission.refused) for each in students)
    complete = counted(sum(each.is_complete for each in students), "student")
    apart = counted(sum(bool(each.outliers) for each in students), "student")
    verb = "has" if complete == "1 student" else "have"
    return (
        f"{counted(len(students), 'student')}, {counted(runs, 'run')}.",
        f"{complete} {verb} every cell that the machine can measure.",
        f"Figures of {apart} are out of line.",
        f"Handed in twice: {counted(len(found.copies), 'case')}.",
        f"Refused: {counted(refused, 'file')}.",
    )


def change(outlier: Outlier) -> str:
    """How far it is from the class's median.

    A time is so many times as long or short, a size is a share larger or smaller, a quality differs by points.
    """
    if outlier.bearing == "times":
        slower = outlier.change > 1
        factor = outlier.change if slower else 1 / outlier.change
        shown = f"{factor:.1f}" if factor < _MANY else f"{factor:,.0f}"
        return f"{shown} times as {'long' if slower else 'fast'}"
    if outlier.bearing == "quality":
        return f"{outlier.change * 100:+.1f} points"
    return f"{(outlier.change - 1) * 100:+,.1f}%"


def what(outlier: Outlier) -> str:
    """Which figures of the student are out of line."""
    if outlier.extent == "all":
        return f"{outlier.figure}, all of its {counted(outlier.total, 'cell')} together"
    if outlier.extent == "for its speed":
        return f"{outlier.figure}, all of its {counted(outlier.total, 'cell')} together, for the speed of the machine"
    return f"{outlier.figure} of {len(outlier.cells)} of {counted(outlier.total, 'cell')}"


def why(outlier: Outlier, *, own: bool = False) -> tuple[str, str]:
    """The likely reason, and what else may explain it; the second is empty where there is nothing else.

    ``own`` for the student's own page, where it has nothing of other students.
    """
    texts = [fact.own if own else fact.text for fact in outlier.facts]
    return (texts[0], "; ".join(texts[1:])) if texts else (NOTHING, "")


def same(copy: Copy) -> str:
    """What is the same of a copy."""
    least = "at least " if len(copy.files) > _PAIR else ""
    parts = {"samples": " series", "answers": ""}.get(copy.kind)
    of = "" if parts is None else f": {least}{copy.same} of {copy.total}{parts}"
    return f"{_SAME[copy.kind]}{of}"


def holders(copy: Copy, assessment: Assessment) -> list[str]:
    """Who handed the copies in, each with the file's name where it has one."""
    students = assessment.students
    return [
        f"{students[index].submission.student} ({name})" if name else students[index].submission.student
        for index, name in copy.files
    ]


def missing_of(student: Assessed) -> str:
    """Which cells the student lacks, in short."""
    if not student.submission.files:
        return "everything: no run could be used"
    return listed(each.cell.key for each in student.in_state("missing"))
