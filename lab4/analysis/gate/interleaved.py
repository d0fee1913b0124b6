"""Two sides measured in pairs of runs until every cell is decided: a group-sequential test."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from math import expm1, log1p, sqrt
from time import monotonic

from lab4.analysis.figures import FIGURES
from lab4.analysis.gate.judge import flagged_note, whole, with_second_look
from lab4.analysis.gate.timed import at_equal_parts, comparison_of, judge_timed
from lab4.analysis.gate.verdict import GateResult, Runs, SelfCheck, Verdict, VerdictOutcome
from lab4.analysis.machines import differences, is_one_machine
from lab4.analysis.policy import Policy
from lab4.domain.errors import Lab4Error
from lab4.domain.figures import RunFigures
from lab4.domain.text import counted
from lab4.sampling.student import critical

#: The share of cells changed by the aim that all interim analyses together may end early as *same*.
EARLY_MISS_RATE = 0.025
#: A figure that is not essential keeps a cell open when its p-value is below this.
_SMALL_P_VALUE = 0.001
#: Of the time, what a second look may take.
_AGAIN = 1 / 3

#: Makes a run of the baseline and one of the candidate, of these cells or (``None``) of all that were asked for.
MeasurePair = Callable[[Sequence[str] | None], tuple[RunFigures, RunFigures]]


@dataclass(frozen=True, slots=True)
class Effort:
    """``seconds`` of measuring at most, and the change, a fraction, that is not to be missed: ``aim``."""

    seconds: float
    aim: float


DEFAULT_EFFORT = Effort(15 * 60, 0.05)
THOROUGH_EFFORT = Effort(60 * 60, 0.02)


def judge_interleaved(  # noqa: PLR0913  # each is its own concern
    measure: MeasurePair,
    policy: Policy,
    effort: Effort,
    *,
    today: date,
    paired: bool = True,
    confirm: bool = False,
    show: Callable[[str], None] = lambda _: None,
    clock: Callable[[], float] = monotonic,
) -> GateResult:
    """Measure pairs of runs until every cell is decided or the time is used up; then judge.

    ``paired``: the runs of a pair took turns, so that they met the same moments of the machine. With ``confirm``
    flagged cells have a second look, for a third of the time at most, and stop the gate only if that agrees: the
    false alarm rates of both multiply to the admitted one. ``clock`` gives seconds.

    Raises:
        Lab4Error: where the sides run on two machines, or one of them has no measured cell.
    """
    # Two stages that must agree have the admitted rate together.
    stage = replace(policy, false_alarms=sqrt(policy.false_alarms)) if confirm else policy
    first = _SequentialTest(measure, stage, effort, show, clock, paired)
    timed = first.decide()
    flagged = list(dict.fromkeys(verdict.cell for verdict in timed if verdict.outcome is VerdictOutcome.WORSE))
    notes: list[str] = []
    if confirm and flagged:
        show(flagged_note(len(flagged)))
        again = replace(first, effort=replace(effort, seconds=effort.seconds * _AGAIN), pairs=[])
        timed, notes = with_second_look(timed, again.decide(flagged), flagged, again.sides[1])
    notes = [f"interleaved: {counted(len(first.pairs), 'run')} of each side", *differences(*first.sides), *notes]
    return whole(timed, notes, first.sides, policy, today, check=SelfCheck(0, (), policy.false_alarms), paired=True)


@dataclass
class _SequentialTest:
    """Pairs of runs, with an interim analysis after each; ``pairs`` are those measured so far."""

    measure: MeasurePair
    policy: Policy
    effort: Effort
    show: Callable[[str], None]
    clock: Callable[[], float]
    paired: bool
    pairs: list[tuple[RunFigures, RunFigures]] = field(default_factory=list)

    @property
    def sides(self) -> tuple[Runs, Runs]:
        """The baseline's runs, and the candidate's."""
        return [one for one, _ in self.pairs], [other for _, other in self.pairs]

    def decide(self, cells: Sequence[str] | None = None) -> list[Verdict]:
        """Measure until every cell is decided; return each cell's verdicts from the analysis that decided it."""
        ended: dict[str, list[Verdict]] = {}
        undecided, spent, start = cells, 0.0, self.clock()
        while undecided is None or undecided:
            count = "all cells" if undecided is None else counted(len(undecided), "cell")
            began = self.clock()
            minutes = f"after {(began - start) / 60:.0f} of at most {self.effort.seconds / 60:.0f} minutes"
            self.show(f"pair {len(self.pairs) + 1} of runs, {minutes}: {count}")
            self.pairs.append(self.measure(undecided))
            now = self.clock()
            # Another pair would take about as long as this one.
            is_last = now + (now - began) > start + self.effort.seconds
            used = 1.0 if is_last else alpha_spent((now - start) / self.effort.seconds)
            own: dict[str, list[Verdict]] = {}
            for verdict in self._interim_analysis(used - spent):
                if verdict.cell not in ended and (cells is None or verdict.cell in cells):
                    own.setdefault(verdict.cell, []).append(verdict)
            undecided = []
            for cell, verdicts in own.items():
                if is_last or all(is_decided(each, self.policy, self.effort.aim, used - spent) for each in verdicts):
                    ended[cell] = verdicts if is_last else [self._seen(each) for each in verdicts]
                else:
                    undecided.append(cell)
            spent = used
        return [verdict for own in ended.values() for verdict in own]

    def _seen(self, verdict: Verdict) -> Verdict:
        """The verdict on a cell that ended early: a change by the aim would have been seen."""
        known = verdict.evidence.detectable
        if known is None or not FIGURES[verdict.figure].essential:
            return verdict
        excluded = expm1(excluded_change(verdict, self.policy, self.effort.aim))
        return replace(verdict, evidence=replace(verdict.evidence, detectable=min(known, excluded)))

    def _interim_analysis(self, share: float) -> list[Verdict]:
        baselines, candidates = self.sides
        if not is_one_machine([*baselines, *candidates]):
            raise Lab4Error(
                f"the two sides ran on different machines ({baselines[-1].machine.cpu}; the candidate: "
                f"{candidates[-1].machine.cpu}) and cannot be paired; measure both on one machine, "
                "with the same cores, memory and GPUs"
            )
        compared = comparison_of(baselines, candidates, self.policy, paired=self.paired)
        tests = at_equal_parts(compared.tests, self.policy.false_alarms * share, len(compared.tests))
        return judge_timed(compared, tests)


def alpha_spent(used: float) -> float:
    """Share of the admitted errors that interim analyses have spent when this share of the time is used.

    They spend 1 in all, so that together they err no more often than one would. The power family of spending functions
    (Kim and DeMets, 1987) with exponent 2: early analyses, with little data, spend little.
    """
    return min(1.0, used) ** 2


def is_decided(verdict: Verdict, policy: Policy, aim: float, share: float) -> bool:
    """Whether an interim analysis with this verdict is the last of its cell and figure.

    It is where `excluded_change` is excluded, with this ``share`` of the errors that all analyses may make.
    """
    if verdict.outcome in {VerdictOutcome.WORSE, VerdictOutcome.BETTER}:
        return True
    figure, evidence = FIGURES[verdict.figure], verdict.evidence
    if not figure.essential:
        return evidence.p_value is None or evidence.p_value >= _SMALL_P_VALUE
    if evidence.change is None or evidence.standard_error is None or evidence.degrees_of_freedom is None:
        return False
    margin = critical(EARLY_MISS_RATE * share, evidence.degrees_of_freedom) * evidence.standard_error
    return abs(log1p(evidence.change)) + margin < excluded_change(verdict, policy, aim)


def excluded_change(verdict: Verdict, policy: Policy, aim: float) -> float:
    """The logarithm of a change by ``aim``, or by as much more as the policy tolerates more than usual."""
    usual = FIGURES[verdict.figure].tolerance
    return log1p(aim) + log1p(max(0.0, policy.tolerance(verdict.cell, verdict.figure, usual) - usual))
