"""A class in the terminal, as JSON and as a table for gradebooks. All of it has the students' names."""

from collections.abc import Iterator
from textwrap import wrap
from typing import Any

from lab4.analysis.classroom import words
from lab4.analysis.classroom.assessment import Assessed, Assessment
from lab4.analysis.classroom.outliers import Outlier
from lab4.domain.text import counted, printable
from lab4.report.spreadsheet import csv_text

_COLUMNS = (
    *("student", "id", "runs", "asked", "measured", "missing", "failed", "not_possible", "complete"),
    *("missing_cells", "failed_cells", "out_of_line", "handed_in_twice", "refused_files"),
)
#: So many lines of a list are shown in a terminal; the page has all.
_SHOWN = 12


def gradebook(found: Assessment) -> str:
    """A row for each student as CSV; texts that a spreadsheet would compute are guarded."""
    return csv_text([_COLUMNS, *(_row(number, each, found) for number, each in enumerate(found.students))])


def _row(number: int, each: Assessed, found: Assessment) -> tuple[str | float, ...]:
    submission = each.submission
    return (
        submission.student,
        submission.id,
        len(submission.files),
        len(each.cells),
        *(len(each.in_state(state)) for state in ("measured", "missing", "failed", "impossible")),
        "yes" if each.is_complete else "no",
        " ".join(cell.cell.key for cell in each.in_state("missing")),
        " ".join(cell.cell.key for cell in each.in_state("failed")),
        "; ".join(map(_outlier, each.outliers)),
        "; ".join(f"{words.same(copy)}: {', '.join(words.holders(copy, found))}" for copy in found.copies_of(number)),
        "; ".join(_refused(each)),
    )


def _outlier(outlier: Outlier) -> str:
    return f"{words.what(outlier)}: {words.change(outlier)}, {words.why(outlier)[0]}"


def _refused(each: Assessed) -> Iterator[str]:
    return (
        f"{refused.name}: {refused.reason}" if refused.name else refused.reason for refused in each.submission.refused
    )


def text(found: Assessment, width: int) -> str:
    """What needs the instructor's eye, in lines of at most ``width`` characters."""
    students = found.students
    lists = {
        "Missing": _lacking(found),
        "Out of line": (_named(each, _outlier(one)) for each in students for one in each.outliers),
        "Handed in twice": (
            f"{words.same(copy)}: {words.listed(words.holders(copy, found), 8)}" for copy in found.copies
        ),
        "Refused": (_named(each, reason) for each in students for reason in _refused(each)),
    }
    lines = [line for title, listed in lists.items() for line in _listed(title, list(listed), width)]
    return "\n".join([*wrap(" ".join(words.in_short(found)), width), *lines])


def _named(each: Assessed, remark: str) -> str:
    return f"{each.submission.student}: {remark}"


def _lacking(found: Assessment) -> Iterator[str]:
    """Who lacks what, students who lack the same together."""
    groups: dict[tuple[str, ...], list[str]] = {}
    for each in found.students:
        cells = tuple(cell.cell.key for cell in (*each.in_state("missing"), *each.in_state("failed")))
        if cells and each.submission.files:
            groups.setdefault(cells, []).append(each.submission.student)
    for cells, students in groups.items():
        yield f"{words.listed(students, 6)}: {counted(len(cells), 'cell')}: {words.listed(cells, 2)}"


def _listed(title: str, items: list[str], width: int) -> Iterator[str]:
    if items:
        yield ""
        yield f"{title} ({len(items)})"
        for item in items[:_SHOWN]:
            yield from wrap(printable(item), width, initial_indent="  ", subsequent_indent="    ")
        if len(items) > _SHOWN:
            yield f"  and {len(items) - _SHOWN} more on the page"


def plain(found: Assessment) -> dict[str, Any]:
    """Everything, for programs: figures as ratios or differences from the class's medians."""
    return {
        "students": [_student(each) for each in found.students],
        "copies": [
            {
                "same": copy.kind,
                "series": copy.same,
                "of_series": copy.total,
                "files": [
                    {"student": found.students[index].submission.student, "file": name} for index, name in copy.files
                ],
            }
            for copy in found.copies
        ],
    }


def _student(each: Assessed) -> dict[str, Any]:
    return {
        "student": each.submission.student,
        "id": each.submission.id,
        "runs": [file.name for file in each.submission.files],
        "refused": [{"file": refused.name, "reason": refused.reason} for refused in each.submission.refused],
        "complete": each.is_complete,
        "cells": {cell.cell.key: {"state": cell.state, "reason": cell.reason} for cell in each.cells},
        "out_of_line": [
            {
                "figure": one.figure,
                "extent": one.extent,
                "cells": [cell.key for cell in one.cells],
                "of_cells": one.total,
                "change": one.change,
                "reasons": [fact.text for fact in one.facts],
            }
            for one in each.outliers
        ],
    }
