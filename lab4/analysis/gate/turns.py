"""Two sides measured in turns and judged as they come, until every cell is decided: a group-sequential test."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import Enum

from lab4.analysis.gate.confirmation import doubts, looked_again, staged, suspects
from lab4.analysis.gate.hypotheses import Corrections, Few, corrections_of, logged
from lab4.analysis.gate.judge import whole
from lab4.analysis.gate.kin import counted, with_kin
from lab4.analysis.gate.machines import differences, is_one_machine
from lab4.analysis.gate.policy import Policy
from lab4.analysis.gate.reckoning import detectable
from lab4.analysis.gate.settled import is_settled
from lab4.analysis.gate.timed_verdicts import judge_timed
from lab4.analysis.gate.verdict import Gate, Judged, Reckoning
from lab4.domain.errors import Lab4Error
from lab4.domain.figures import RunFigures

__all__ = ["Measure", "Role", "judge_in_turns", "spent"]


class Role(Enum):
    """Which side a run is of."""

    BASELINE = "baseline"
    CANDIDATE = "candidate"


#: A run of one side, of these cells or (``None``) of all that were asked for.
Measure = Callable[[Role, Sequence[str] | None], RunFigures]

#: Who is measured when in a round: what drifts steadily touches both alike.
_TURNS = (Role.BASELINE, Role.CANDIDATE, Role.CANDIDATE, Role.BASELINE)


def spent(number: int, rounds: int) -> float:
    """Share of the admitted false alarms that the look after round ``number`` of ``rounds`` spends.

    The shares of all looks sum to 1, so that all looks together raise no more false alarms than one would. The power
    family of spending functions (Kim and DeMets, 1987) with exponent 2: early looks, with little data, spend little.
    """
    return (number**2 - (number - 1) ** 2) / rounds**2


def judge_in_turns(  # noqa: PLR0913  # each is its own concern
    measure: Measure,
    policy: Policy,
    rounds: int,
    *,
    today: date,
    confirm: bool = False,
    show: Callable[[str], None] = lambda _: None,
) -> Gate:
    """Measure rounds of four runs (A B B A) until every cell is decided, ``rounds`` at most; then judge.

    With ``confirm`` cells that came out worse are measured again, in as many rounds, and stop only if those say so
    too: a change must be found twice, each time at a rate that makes the admitted one together.

    Raises:
        Lab4Error: where the sides run on two machines, or one of them measures nothing.
    """
    stage = staged(policy) if confirm else policy
    first = _Sequence(measure, stage, rounds, show)
    timed, notes = first.decided()
    doubted = suspects(timed) if confirm else []
    if doubted:
        show(doubts(len(doubted)))
        second = _Sequence(measure, stage, rounds, show, first.cells, Few(doubted, first.corrections()))
        again, _ = second.decided()
        timed, more = looked_again(timed, doubted, again, second.runs[Role.CANDIDATE])
        notes = [*notes, *more]
    baselines, candidates = first.runs[Role.BASELINE], first.runs[Role.CANDIDATE]
    turns = f"measured in turns, {len(baselines)} runs a side, at most {2 * rounds}"
    return whole(
        timed,
        [turns, *differences(baselines, candidates), *notes],
        candidates=candidates,
        baselines=baselines,
        policy=policy,
        today=today,
        reckoning=Reckoning(0, 0, policy.false_alarms, detectable(timed)),
        paired=True,
    )


@dataclass
class _Sequence:
    """Rounds of runs, with a look after each; ``runs`` are those measured so far.

    ``cells`` are all that both sides have, known after the first look; ``few`` are those to decide, if not all.
    """

    measure: Measure
    policy: Policy
    rounds: int
    show: Callable[[str], None]
    cells: Sequence[str] = ()
    few: Few | None = None
    runs: dict[Role, list[RunFigures]] = field(default_factory=lambda: {role: [] for role in Role})

    def decided(self) -> tuple[list[Judged], list[str]]:
        """Measure until every cell is decided; returns their verdicts, of the look that did it."""
        settled: dict[str, list[Judged]] = {}
        notes: list[str] = []
        undecided = None if self.few is None else self.few.asked
        for number in range(1, self.rounds + 1):
            self._round(number, undecided)
            judged, notes = self._look(number)
            self.cells = self.cells or list(dict.fromkeys(each.cell for each in judged))
            opened: dict[str, list[Judged]] = {}
            for each in judged:
                if each.cell not in settled:
                    opened.setdefault(each.cell, []).append(each)
            undecided = [
                cell
                for cell, found in opened.items()
                if not all(is_settled(each, self.policy, self.rounds) for each in found)
            ]
            last = number == self.rounds
            settled |= {cell: found for cell, found in opened.items() if last or cell not in undecided}
            if not undecided:
                break
        return [each for found in settled.values() for each in found], notes

    def _round(self, number: int, undecided: Collection[str] | None) -> None:
        """Measure these cells (``None``: all), and beside them their kin, which tell what the machine does to both."""
        cells = None if undecided is None else with_kin(undecided, self.cells)
        for turn, role in enumerate(_TURNS, 1):
            count = "all cells" if cells is None else counted(len(undecided or ()), len(cells))
            self.show(f"round {number} of at most {self.rounds}, run {turn} of {len(_TURNS)}: {role.value}, {count}")
            self.runs[role].append(self.measure(role, cells))

    def _look(self, number: int) -> tuple[list[Judged], list[str]]:
        baselines, candidates = self.runs[Role.BASELINE], self.runs[Role.CANDIDATE]
        if not is_one_machine([*baselines, *candidates]):
            raise Lab4Error(
                f"the two sides ran on two machines ({baselines[-1].machine.cpu}; the candidate: "
                f"{candidates[-1].machine.cpu}), and only what one machine does can be paired; measure both on one, "
                "with the same cores, memory and GPUs"
            )
        policy = replace(self.policy, false_alarms=self.policy.false_alarms * spent(number, self.rounds))
        return judge_timed(baselines, candidates, policy, paired=True, few=self.few)

    def corrections(self) -> Corrections:
        """What the runs so far tell of the reference kernel."""
        return corrections_of(logged(self.runs[Role.BASELINE]), logged(self.runs[Role.CANDIDATE]), paired=True)
