"""What a gate says of one figure of one cell, and of a whole run."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, IntEnum

from lab4.domain.errors import Lab4Error

__all__ = ["Evidence", "ExitCode", "Gate", "Judged", "Reckoning", "Verdict", "unjudged"]


class Verdict(Enum):
    """``missing`` is in the baseline and not in the candidate, ``new`` the other way round."""

    BETTER = "better"
    SAME = "same"
    WORSE = "worse"
    INCONCLUSIVE = "inconclusive"
    MISSING = "missing"
    NEW = "new"


class ExitCode(IntEnum):
    """How the command ends."""

    PASSED = 0
    REGRESSION = 1
    CANNOT_JUDGE = 2
    NO_BASELINE = 3


@dataclass(frozen=True, slots=True)
class Evidence:
    """The numbers behind a verdict.

    ``change`` is from the baseline to the candidate, with its 95% interval from ``low`` to ``high``; a fraction of
    the baseline, or, for shares, a difference in points of 1. ``threshold`` is the least change for the worse that
    would have been called *worse*, ``detectable`` the one that would be in 80 of 100 runs; both are magnitudes, and
    ``None`` where nothing tells them. ``chance`` is how likely chance makes such a change or a greater one.
    ``standard_error`` is that of the change's logarithm, with so many degrees of ``freedom``.
    """

    baseline: float | None = None
    candidate: float | None = None
    change: float | None = None
    low: float | None = None
    high: float | None = None
    threshold: float | None = None
    detectable: float | None = None
    chance: float | None = None
    standard_error: float | None = None
    freedom: float | None = None


@dataclass(frozen=True, slots=True)
class Judged:
    """One verdict. ``stops`` is the exit code that it asks for, ``PASSED`` where it is only told.

    ``of_budget`` is of a limit in the policy and not of a baseline.
    """

    cell: str
    figure: str
    verdict: Verdict
    reason: str
    evidence: Evidence = Evidence()
    stops: ExitCode = ExitCode.PASSED
    of_budget: bool = False


@dataclass(frozen=True, slots=True)
class Reckoning:
    """How the gate itself fares on its baselines: each was judged against the others, though nothing changed.

    ``alarms`` of ``trials`` ended with a *worse*; ``at_most`` is the upper end of the 95% interval of that share.
    ``detectable`` has the smallest slowdown seen in 80 of 100 runs by cell, as a fraction.
    """

    trials: int
    alarms: int
    at_most: float
    detectable: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class Gate:
    """Every verdict, and what was noted on the way: differing software, how the machine's speed was told apart.

    ``first`` is of a run without a baseline: how it ends where nothing stops it. ``fault`` is why nothing was judged.
    """

    judged: Sequence[Judged]
    notes: Sequence[str]
    baselines: Sequence[str]
    candidates: Sequence[str]
    reckoning: Reckoning | None = None
    first: ExitCode | None = None
    fault: str | None = None

    @property
    def exit_code(self) -> ExitCode:
        """A regression before what cannot be judged, before a pass."""
        if self.fault is not None:
            return ExitCode.CANNOT_JUDGE
        asked = {each.stops for each in self.judged}
        stopping = (code for code in (ExitCode.REGRESSION, ExitCode.CANNOT_JUDGE) if code in asked)
        return next(stopping, self.first or ExitCode.PASSED)


def unjudged(error: Lab4Error) -> Gate:
    """A gate that could not judge, which its reports are to say."""
    return Gate((), (), (), (), fault=str(error))
