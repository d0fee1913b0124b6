"""All that is found about a class, before it is put into words."""

from collections.abc import Sequence
from dataclasses import dataclass

from lab4.analysis.classroom.copies import Copy, copies
from lab4.analysis.classroom.facts import Fact, facts_of, usual_of
from lab4.analysis.classroom.outliers import Outlier, outliers
from lab4.analysis.classroom.submission import AskedCell, AskedState, Submission, answered
from lab4.domain.catalogue import Catalogue


@dataclass(frozen=True, slots=True)
class Assessed:
    """One student: what was handed in, how the cells asked for ended, and what is particular about the runs."""

    submission: Submission
    cells: tuple[AskedCell, ...]
    facts: tuple[Fact, ...]
    outliers: tuple[Outlier, ...]

    def in_state(self, state: AskedState) -> tuple[AskedCell, ...]:
        """The cells asked for that ended so."""
        return tuple(each for each in self.cells if each.state == state)

    @property
    def is_complete(self) -> bool:
        """Whether every cell that the machine can measure was measured."""
        return bool(self.submission.files) and not (self.in_state("missing") or self.in_state("failed"))


@dataclass(frozen=True, slots=True)
class Assessment:
    """A class: its students, and what several of them handed in, by their indices.

    ``known`` has the traits of devices that no student's file has a say in.
    """

    students: tuple[Assessed, ...]
    copies: tuple[Copy, ...]
    known: Catalogue

    def copies_of(self, student: int) -> tuple[Copy, ...]:
        """The copies that the student of this index has a part in."""
        return tuple(each for each in self.copies if student in each.students)


def assess(submissions: Sequence[Submission], known: Catalogue) -> Assessment:
    """What there is to say of a class; the order of the submissions is kept.

    ``known`` has the traits of devices, which hold for every student; of others each student's own runs say them.
    """
    usual = usual_of(submission.runs for submission in submissions)
    facts = [facts_of(each, usual) for each in submissions]
    found = outliers(submissions, facts, known)
    students = tuple(
        Assessed(each, answered(each, known), facts[index], tuple(o for o in found if o.student == index))
        for index, each in enumerate(submissions)
    )
    return Assessment(students, copies(submissions), known)
