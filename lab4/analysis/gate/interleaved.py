"""Two sides measured in interleaved runs (ABBA) until every cell is decided: a group-sequential test."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import Enum
from math import log1p, sqrt

from lab4.analysis.figures import FIGURES
from lab4.analysis.gate.judge import broken_cells, broken_notes, flagged_note, whole
from lab4.analysis.gate.machines import differences, is_one_machine
from lab4.analysis.gate.peers import PeerGroups, cells_and_peers
from lab4.analysis.gate.policy import Policy
from lab4.analysis.gate.timed import comparison_of, decided, judge_timed, tested
from lab4.analysis.gate.verdict import GateResult, SelfCheck, Verdict, VerdictOutcome
from lab4.domain.errors import Lab4Error
from lab4.domain.figures import RunFigures
from lab4.sampling.student import critical

#: A cell is *same* when its change is within its tolerance and this much more, with confidence.
EQUIVALENCE_MARGIN = 0.015
#: The share of cells changed by that much which all interim analyses together may end early as *same*.
EARLY_MISS_RATE = 0.10
#: A figure that is not essential keeps a cell open when its p-value is below this.
_SMALL_P_VALUE = 0.001


class Role(Enum):
    """The side that a run belongs to."""

    BASELINE = "baseline"
    CANDIDATE = "candidate"


#: Makes a run of one side, of these cells or (``None``) of all that were asked for.
MeasureSide = Callable[[Role, Sequence[str] | None], RunFigures]

#: The order of a round's runs: a linear drift affects both sides alike.
_ABBA = (Role.BASELINE, Role.CANDIDATE, Role.CANDIDATE, Role.BASELINE)


def alpha_spent(number: int, rounds: int) -> float:
    """Share of the false alarm rate that the interim analysis after round ``number`` of ``rounds`` spends.

    The shares of all analyses sum to 1, so that together they raise no more false alarms than one would. The power
    family of spending functions (Kim and DeMets, 1987) with exponent 2: early analyses, with little data, spend little.
    """
    return (number**2 - (number - 1) ** 2) / rounds**2


def judge_interleaved(  # noqa: PLR0913  # each is its own concern
    measure: MeasureSide,
    policy: Policy,
    rounds: int,
    *,
    today: date,
    confirm: bool = False,
    show: Callable[[str], None] = lambda _: None,
) -> GateResult:
    """Measure rounds of four runs (A B B A), ``rounds`` at most, until every cell is decided; then judge.

    With ``confirm`` flagged cells are measured again, in as many rounds, and stop the gate only if the second stage
    agrees: the false alarm rates of the two stages multiply to the admitted one.

    Raises:
        Lab4Error: where the sides run on two machines, or one of them has no measured cell.
    """
    # Two stages that must agree have the admitted rate together.
    stage = replace(policy, false_alarms=sqrt(policy.false_alarms)) if confirm else policy
    first = _SequentialTest(measure, stage, rounds, show)
    timed = first.decide()
    flagged = dict.fromkeys(verdict.cell for verdict in timed if verdict.outcome is VerdictOutcome.WORSE)
    notes: list[str] = []
    if confirm and flagged:
        show(flagged_note(len(flagged)))
        second = _SequentialTest(measure, stage, rounds, show, first.cells, list(flagged), first.groups)
        again = {(verdict.cell, verdict.figure): verdict for verdict in second.decide()}
        broken = broken_cells(list(flagged), second.runs[Role.CANDIDATE])
        timed = [each if each.cell in broken else again.get((each.cell, each.figure), each) for each in timed]
        notes = [flagged_note(len(flagged)), *broken_notes(broken)]
    baselines, candidates = first.runs[Role.BASELINE], first.runs[Role.CANDIDATE]
    summary = f"interleaved: {len(baselines)} runs per side, of at most {2 * rounds}"
    notes = [summary, *differences(baselines, candidates), *notes]
    check = SelfCheck(0, 0, policy.false_alarms)
    return whole(timed, notes, (baselines, candidates), policy, today, check=check, paired=True)


@dataclass
class _SequentialTest:
    """Rounds of runs, with an interim analysis after each; ``runs`` are those measured so far.

    ``cells`` are all that both sides have, and ``groups`` their peers, known after the first analysis; ``subset`` are
    those to decide, if not all.
    """

    measure: MeasureSide
    policy: Policy
    rounds: int
    show: Callable[[str], None]
    cells: Sequence[str] = ()
    subset: Sequence[str] | None = None
    groups: PeerGroups | None = None
    runs: dict[Role, list[RunFigures]] = field(default_factory=lambda: {role: [] for role in Role})

    def decide(self) -> list[Verdict]:
        """Measure until every cell is decided; return each cell's verdicts from the analysis that decided it."""
        ended: dict[str, list[Verdict]] = {}
        undecided = self.subset
        for number in range(1, self.rounds + 1):
            # Peers as well, which show what the machine does to both.
            cells = (
                undecided
                if undecided is None or self.groups is None
                else self.groups.with_controls(undecided, self.cells)
            )
            for position, role in enumerate(_ABBA, 1):
                count = "all cells" if cells is None else cells_and_peers(len(undecided or ()), len(cells))
                step = f"round {number} of at most {self.rounds}, run {position} of {len(_ABBA)}"
                self.show(f"{step}: {role.value}, {count}")
                self.runs[role].append(self.measure(role, cells))
            verdicts, self.groups = self._interim_analysis(number)
            self.cells = self.cells or list(dict.fromkeys(verdict.cell for verdict in verdicts))
            open_cells: dict[str, list[Verdict]] = {}
            for verdict in verdicts:
                if verdict.cell not in ended and (self.subset is None or verdict.cell in self.subset):
                    open_cells.setdefault(verdict.cell, []).append(verdict)
            undecided = [
                cell
                for cell, own in open_cells.items()
                if not all(is_decided(verdict, self.policy, self.rounds) for verdict in own)
            ]
            last = number == self.rounds
            ended |= {cell: own for cell, own in open_cells.items() if last or cell not in undecided}
            if not undecided:
                break
        return [verdict for own in ended.values() for verdict in own]

    def _interim_analysis(self, number: int) -> tuple[list[Verdict], PeerGroups]:
        baselines, candidates = self.runs[Role.BASELINE], self.runs[Role.CANDIDATE]
        if not is_one_machine([*baselines, *candidates]):
            raise Lab4Error(
                f"the two sides ran on different machines ({baselines[-1].machine.cpu}; the candidate: "
                f"{candidates[-1].machine.cpu}) and cannot be paired; measure both on one machine, "
                "with the same cores, memory and GPUs"
            )
        compared = comparison_of(baselines, candidates, self.policy, paired=True)
        tests = [
            each
            for each in tested(compared, self.policy)
            if self.subset is None or set(self.subset) & set(compared.groups.of(each.cell))
        ]
        rate = self.policy.false_alarms * alpha_spent(number, self.rounds)
        return judge_timed(compared, decided(tests, rate), self.policy), compared.groups


def is_decided(verdict: Verdict, policy: Policy, rounds: int) -> bool:
    """Whether an interim analysis, one of at most ``rounds``, with this verdict is the last of its cell and figure."""
    if verdict.outcome in {VerdictOutcome.WORSE, VerdictOutcome.BETTER}:
        return True
    figure, evidence = FIGURES[verdict.figure], verdict.evidence
    if not figure.essential:
        return evidence.p_value is None or evidence.p_value >= _SMALL_P_VALUE
    if evidence.change is None or evidence.standard_error is None or evidence.degrees_of_freedom is None:
        return False
    limit = policy.tolerance(verdict.cell, verdict.figure, figure.tolerance) + EQUIVALENCE_MARGIN
    margin = critical(EARLY_MISS_RATE / rounds, evidence.degrees_of_freedom) * evidence.standard_error
    return abs(log1p(evidence.change)) + margin < log1p(limit)
