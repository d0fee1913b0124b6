"""The gate's verdict on one figure of one cell, and its result for a whole run."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, IntEnum

from lab4.analysis.figures import FIGURES
from lab4.domain.errors import Lab4Error
from lab4.domain.figures import RunFigures

#: The runs of one side, in the order in which they were measured.
Runs = Sequence[RunFigures]
#: The figure of a verdict on a whole cell.
MEASUREMENT = "measurement"


class VerdictOutcome(Enum):
    """``missing``: in the baseline and not in the candidate; ``new``: the other way round."""

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

    ``change`` goes from the baseline to the candidate, with its 95% interval from ``low`` to ``high``: a fraction of
    the baseline, or, for shares, a difference in points of 1. ``threshold`` is the smallest slowdown that would have
    been called *worse*; ``detectable`` is the slowdown that 80 of 100 runs would detect. Both are magnitudes, and
    ``None`` where they are unknown. ``p_value`` is the probability of such a change, or a greater one, in unchanged
    code. ``standard_error`` is that of the change's logarithm. ``rule`` is what decided, in the words of
    docs/methods/gate.md.
    """

    baseline: float | None = None
    candidate: float | None = None
    change: float | None = None
    low: float | None = None
    high: float | None = None
    threshold: float | None = None
    detectable: float | None = None
    p_value: float | None = None
    standard_error: float | None = None
    degrees_of_freedom: float | None = None
    rule: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """One verdict. ``stops`` is the exit code that it asks for, ``PASSED`` where it is only reported.

    ``is_budget``: it judges a limit of the policy, not a change from a baseline.
    ``quantity`` says what the figure counts, as in `FigureTraits`; empty for a whole cell.
    """

    cell: str
    figure: str
    outcome: VerdictOutcome
    reason: str
    evidence: Evidence = Evidence()
    stops: ExitCode = ExitCode.PASSED
    is_budget: bool = False
    quantity: str = ""


def changed(cell: str, figure: str, reason: str, evidence: Evidence, *, worse: bool) -> Verdict:
    """The verdict on a significant change; one for the worse stops the gate."""
    if worse:
        return Verdict(cell, figure, VerdictOutcome.WORSE, reason, evidence, ExitCode.REGRESSION)
    return Verdict(cell, figure, VerdictOutcome.BETTER, reason, evidence)


def inconclusive(
    cell: str, figure: str, reason: str, evidence: Evidence = Evidence(), *, stops: bool = True
) -> Verdict:
    """The verdict where the data does not decide, or is not there."""
    code = ExitCode.CANNOT_JUDGE if stops else ExitCode.PASSED
    return Verdict(cell, figure, VerdictOutcome.INCONCLUSIVE, reason, evidence, code)


@dataclass(frozen=True, slots=True)
class SelfCheck:
    """The gate's test of itself: each baseline run was judged against the others, although nothing changed.

    Of ``trials`` these were ``red``: each run's source, and a cell and figure that made it so. ``at_most`` is the upper
    end of the 95% interval of their share.
    """

    trials: int
    red: tuple[tuple[str, str], ...]
    at_most: float


@dataclass(frozen=True, slots=True)
class GateResult:
    """Every verdict, and notes: software that differs, how the machine's speed was treated.

    ``first`` is how a run without a baseline ends when nothing stops it. ``fault`` says why nothing was judged.
    """

    verdicts: Sequence[Verdict]
    notes: Sequence[str]
    baselines: Sequence[str]
    candidates: Sequence[str]
    self_check: SelfCheck | None = None
    first: ExitCode | None = None
    fault: str | None = None

    @property
    def detectable(self) -> list[float]:
        """The changes of essential figures that 80 of 100 runs would have shown, as fractions, the least first."""
        essential = {name for name, figure in FIGURES.items() if figure.essential}
        known = (each.evidence.detectable for each in self.verdicts if each.figure in essential)
        return sorted(each for each in known if each is not None)

    @property
    def exit_code(self) -> ExitCode:
        """A regression has precedence over what cannot be judged, and that over a pass."""
        if self.fault is not None:
            return ExitCode.CANNOT_JUDGE
        asked = {verdict.stops for verdict in self.verdicts}
        stopping = (code for code in (ExitCode.REGRESSION, ExitCode.CANNOT_JUDGE) if code in asked)
        return next(stopping, self.first or ExitCode.PASSED)


def failed_gate(error: Lab4Error) -> GateResult:
    """The result of a gate that could not judge; its reports say why."""
    return GateResult((), (), (), (), fault=str(error))
