"""The instructor's page as a document. It has names: it is not to be published."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from lab4.analysis.classroom import words
from lab4.analysis.classroom.assessment import Assessed, Assessment
from lab4.analysis.classroom.facts import contended_share
from lab4.analysis.classroom.outliers import (
    FENCE,
    LEAST_CELL_FACTOR,
    LEAST_FACTOR,
    LEAST_SHARE,
    LEAST_SIZE_FACTOR,
    LEAST_STUDENTS,
    speeds,
)
from lab4.analysis.classroom.submission import AskedState
from lab4.analysis.document import Axis, Block, Chart, Document, Layer, Mark, Prose, Section, Sentence
from lab4.analysis.tables import Column, Kind, NotMeasured, Quantity, Row, Table, Text, Value
from lab4.domain.run import Run

#: What is counted of a student, with its heading.
_COUNTS: Mapping[AskedState, str] = {
    "measured": "Measured",
    "missing": "Missing",
    "failed": "Failed",
    "impossible": "Not possible there",
}
_PRIVATE = "This page has the students' names: keep it to yourself. What may be published is in the folder students."
_RULES = (
    (
        "A cell is missing where it was asked for and no run has it, or the run was interrupted before it. Not "
        "possible there are cells that the machine cannot measure, such as those of a GPU that it does not have."
    ),
    (
        f"A figure is out of line where it is more than {FENCE:g} standard deviations from the class's median, "
        "estimated by the median absolute deviation (Iglewicz and Hoaglin, How to Detect and Handle Outliers, ASQC "
        f"1993), and differs by a factor of {LEAST_FACTOR:g} of all times together or "
        f"{LEAST_CELL_FACTOR:g} of a single one, {LEAST_SIZE_FACTOR - 1:.0%} of a size or "
        f"{LEAST_SHARE * 100:g} points of right predictions. At least {LEAST_STUDENTS} students must have it."
    ),
    (
        "Times are first compared for all cells of a student on a device together, as such and for the speed of the "
        "machine (divided by its frequency probe's time), then cell by cell with that level taken off, as in a median "
        "polish (Tukey, Exploratory Data Analysis, 1977)."
    ),
    (
        "A likely reason is something particular in the student's record that at most a quarter of the students in "
        "line have too: what lab4 doctor saw when the run began, what the contention monitor and the system saw during "
        "the calls, and in what the run differs from most of the class's. It is what coincides, not what was proven."
    ),
    (
        "Copies are files with the same bytes; other files of the same run (start, machine and hardware); and runs "
        "that have series of eight or more different times in common to the nanosecond: that is no chance. Answers are "
        "compared from twelve words on."
    ),
)


#: The values of a row, texts as they are.
_Row = Sequence[Value | str]


def class_document(found: Assessment) -> Document:
    """Everything that is found about the class, for its instructor."""
    sections = (
        Section("In short", (Prose(tuple(map(Sentence, words.in_short(found)))),)),
        Section("Figures out of line", (_outliers(found), *_charts(found))),
        Section("Handed in twice", (_copies(found),)),
        Section("Files that were refused", (_refused(found),)),
        Section("Who is missing what", (_students(found), _cells(found))),
        Section("Machines and settings", (_machines(found),)),
        Section("How this was judged", (Prose(tuple(map(Sentence, _RULES)), "Rules"),), appendix=True),
    )
    return Document("class", "The class", (), sections, cautions=(Sentence(_PRIVATE),))


def _table(key: str, title: str, columns: Sequence[tuple[str, Kind]], rows: Iterable[_Row]) -> Block:
    """A table of these headings, without columns of empty texts; a row's name is its first value."""
    made = tuple(Column(heading.lower().replace(" ", "_"), heading, kind) for heading, kind in columns)
    listed = [[Text(value) if isinstance(value, str) else value for value in row] for row in rows]
    if not listed:
        return Prose((Sentence("None."),))
    names = [first.text if isinstance(first := row[0], Text) else "" for row in listed]
    numbered = enumerate(zip(names, listed, strict=True))
    table = Table(key, title, made, tuple(Row(f"{number}", name, tuple(row)) for number, (name, row) in numbered))
    return table.narrowed([index for index in range(len(made)) if any(row[index] != Text("") for row in listed)])


def _students(found: Assessment) -> Block:
    columns: list[tuple[str, Kind]] = [("Student", "text"), ("ID", "text"), ("Runs", "count")]
    columns += [(heading, "count") for heading in _COUNTS.values()]
    rows: Iterator[_Row] = (
        (
            each.submission.student,
            each.submission.id,
            Quantity(len(each.submission.files)),
            *(Quantity(len(each.in_state(state))) for state in _COUNTS),
            words.missing_of(each),
            "; ".join(words.cells_by_reason(each.in_state("failed"))),
        )
        for each in sorted(found.students, key=lambda each: each.is_complete)  # whoever lacks something first
    )
    return _table("students", "By student", [*columns, ("Which are missing", "text"), ("Failed cells", "text")], rows)


def _cells(found: Assessment) -> Block:
    """A row for each cell that was asked for: who lacks it, of those who have a run."""
    states: dict[str, dict[str, list[str]]] = {}
    for student in (each for each in found.students if each.submission.files):
        for each in student.cells:
            states.setdefault(each.cell.key, {}).setdefault(each.state, []).append(student.submission.student)
    rows: Iterator[_Row] = (
        (
            key,
            *(Quantity(len(own.get(state, []))) for state in _COUNTS),
            words.listed([*own.get("missing", []), *own.get("failed", [])], 8),
        )
        for key, own in states.items()
    )
    columns: list[tuple[str, Kind]] = [("Cell", "text")]
    columns += [(heading, "count") for heading in _COUNTS.values()]
    return _table("cells", "By cell, of students who have a run", [*columns, ("Who lacks it", "text")], rows)


def _outliers(found: Assessment) -> Block:
    rows = (
        (
            student.submission.student,
            words.what(each),
            words.change(each),
            *words.why(each),
            "" if each.extent != "cells" else words.listed(cell.key for cell in each.cells),
        )
        for student in found.students
        for each in student.outliers
    )
    headings = ("Student", "Figures", "Against the class", "Likely reason", "Also particular", "Cells")
    return _table("outliers", "Out of line", [(heading, "text") for heading in headings], rows)


def _charts(found: Assessment) -> tuple[Block, ...]:
    """How fast each student's latencies are, by device."""
    names = [each.submission.student for each in found.students]
    marks = tuple(
        Mark(names[student], Quantity(factor), Text(names[student]), group=device)
        for device, own in speeds([each.submission for each in found.students], found.known).items()
        for student, factor in sorted(own.items(), key=lambda pair: pair[1])
    )
    if len(marks) <= 1:
        return ()
    note = "The median over a student's cells. 1 is the class's median; 2 is twice as long."
    x = Axis("Latency, as a multiple of the class's", "ratio", logarithmic=True, origin=1.0)
    return (Chart("Latencies of each student", note, x, Axis("", "text"), (Layer("point", marks),), "Device"),)


def _copies(found: Assessment) -> Block:
    rows = ((", ".join(words.holders(each, found)), words.same(each)) for each in found.copies)
    return _table("copies", "Copies between students", [("Students", "text"), ("What is the same", "text")], rows)


def _refused(found: Assessment) -> Block:
    rows = (
        (student.submission.student, each.name, each.reason)
        for student in found.students
        for each in student.submission.refused
    )
    return _table("refused", "Refused", [("Student", "text"), ("File", "text"), ("Reason", "text")], rows)


def _machines(found: Assessment) -> Block:
    texts = ("Student", "Processor", "Cores", "Memory", "GPU", "System", "Python", "lab4", "Profile", "Data set")
    columns: list[tuple[str, Kind]] = [(heading, "text") for heading in texts]
    columns += [("Contended calls", "fraction"), ("Seen by the doctor", "text")]
    rows = (_machine(student, run) for student in found.students for run in student.submission.runs)
    return _table("machines", "Runs and their machines", columns, rows)


def _machine(student: Assessed, run: Run) -> _Row:
    machine, share = run.machine, contended_share(run)
    return (
        student.submission.student,
        machine.cpu,
        f"{machine.physical_cores or 'unknown'}, logical {machine.logical_cores or 'unknown'}",
        f"{machine.memory_bytes / 2**30:.0f} GiB",
        ", ".join(gpu.name for gpu in machine.gpus) or "none",
        machine.os,
        machine.python,
        run.lab4_version,
        run.settings.profile,
        run.dataset.name,
        NotMeasured("not watched") if share is None else Quantity(share),
        ", ".join(check for check, _ in machine.conditions) or "nothing",
    )
