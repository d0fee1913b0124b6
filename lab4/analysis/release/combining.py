"""The tests of all machines together: a change of the code is on all of them, and seen though it is small on each."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from math import expm1, inf, isfinite, log
from typing import NamedTuple

from lab4.analysis.figures import FIGURES
from lab4.analysis.gate.timed import GROUP, Comparison, Tested, as_fraction, lacking_runs
from lab4.analysis.gate.verdict import Evidence, ExitCode, Verdict, VerdictOutcome, changed, inconclusive
from lab4.domain.text import counted, odds
from lab4.sampling.combined import Pooled, p_value_of, pooled, score, stouffer
from lab4.sampling.student import critical, tail

#: A machine counts at most as much as so many standard deviations: no single one decides, or hides a change.
_MOST_SCORE = 4.0
#: Left out any one machine, the others must still show the change by this p-value: else it is that machine's own.
_WITHOUT_ONE = 0.05
_INTERVAL, _POWER, _NORMAL = 0.025, 0.8, inf
#: A change that nothing has, a thousandfold, as a logarithm; and how often it is halved to find one: to a thousandth.
_MOST_CHANGE, _HALVINGS = log(1000), 13
_RULE = {False: "machines", True: "machines, group"}


class SharedChange(NamedTuple):
    """A verdict by all machines together, the machines that share the change, and of how many it is."""

    verdict: Verdict
    machines: tuple[str, ...]
    among: int


@dataclass(frozen=True)
class Combination:
    """The tests of one figure of one cell, or of its group of peers, by machine; changes are logarithms."""

    tests: Mapping[str, Tested]
    is_group: bool = False

    @cached_property
    def pooled(self) -> Pooled:
        """The mean change, which may differ between machines."""
        tests = self.tests.values()
        return pooled([each.change for each in tests], [each.standard_error for each in tests])

    @property
    def tolerance(self) -> float:
        """The tolerated change."""
        return max(each.tolerance for each in self.tests.values())

    def p_value(self, sign: int) -> float:
        """One-sided p-value of the hypothesis that no machine changed in this direction beyond the tolerance."""
        return p_value_of(stouffer(self._scores(sign), self._weights))

    def without_one(self, sign: int) -> float:
        """The largest of the p-values of all machines but one."""
        return p_value_of(_least_without_one(self._scores(sign), self._weights))

    @cached_property
    def _weights(self) -> list[float]:
        return [1 / each.standard_error for each in self.tests.values()]

    def _scores(self, sign: int) -> list[float]:
        return [_score(each, sign * each.change) for each in self.tests.values()]

    def least(self, limit: float, power: float = 0.5) -> float:
        """The change, a logarithm, that this share of releases shows by the limit, where it is on all machines.

        That is where its scores have such a sum that the scatter of one leaves it beyond the limits so often. Infinite
        where none has: no machine counts for more than a few standard deviations.
        """
        spare = critical(1 - power, _NORMAL)

        def is_seen(change: float) -> bool:
            scores = [_score(each, change) for each in self.tests.values()]
            is_certain = stouffer(scores, self._weights) - spare >= critical(limit, _NORMAL)
            return is_certain and _least_without_one(scores, self._weights) - spare >= critical(_WITHOUT_ONE, _NORMAL)

        low, high = 0.0, _MOST_CHANGE
        if not is_seen(high):
            return inf
        for _ in range(_HALVINGS):
            middle = (low + high) / 2
            low, high = (low, middle) if is_seen(middle) else (middle, high)
        return high

    def sharing(self, sign: int) -> tuple[str, ...]:
        """The machines whose interval does not exclude a change in this direction beyond the tolerance."""
        ends = {name: max(sign * end for end in each.interval) for name, each in self.tests.items()}
        return tuple(name for name, end in ends.items() if end > self.tests[name].tolerance)


def _score(test: Tested, change: float) -> float:
    """The standard normal score of a change on one machine, which counts for so much at most."""
    return score(tail((change - test.tolerance) / test.standard_error, test.degrees_of_freedom), _MOST_SCORE)


def _least_without_one(scores: Sequence[float], weights: Sequence[float]) -> float:
    """The least combined score of all machines but one."""
    return min(
        stouffer([*scores[:at], *scores[at + 1 :]], [*weights[:at], *weights[at + 1 :]]) for at in range(len(scores))
    )


def _finite(value: float) -> float | None:
    return value if isfinite(value) else None


class Together:
    """All machines' comparisons, and the decisions on what two of them or more have in common.

    ``rate`` is the share of releases of unchanged code that may be stopped by them, over all cells and figures.
    """

    def __init__(self, compared: Mapping[str, Comparison], rate: float) -> None:
        self._compared = compared
        of_cells: dict[tuple[str, str], dict[str, Tested]] = {}
        of_groups: dict[tuple[tuple[str, ...], str], dict[str, Tested]] = {}
        #: The name of each cell's group of peers, which has other members on other machines.
        self._group_of: dict[str, tuple[str, ...]] = {}
        for machine, one in compared.items():
            firsts = {members[0]: name for name, members in one.groups.members.items()}
            self._group_of |= {cell: name for name, members in one.groups.members.items() for cell in members}
            for test in one.tests:
                if test.rule == GROUP:
                    of_groups.setdefault((firsts[test.cell], test.figure), {})[machine] = test
                else:
                    of_cells.setdefault((test.cell, test.figure), {})[machine] = test
        self.cells = {key: Combination(tests) for key, tests in of_cells.items() if len(tests) > 1}
        self.groups = {key: Combination(tests, is_group=True) for key, tests in of_groups.items() if len(tests) > 1}
        self.limit = rate / max(1, len(self.cells) + len(self.groups))

    def detectable(self, cell: str, figure: str) -> float | None:
        """The change on all machines, a fraction, that 80 of 100 releases would show; ``None`` for one machine."""
        found = self.cells.get((cell, figure))
        return None if found is None else expm1(found.least(self.limit, _POWER))

    def changes(self) -> Iterator[SharedChange]:
        """Every figure of a cell that changed on several machines, by the evidence of all of them."""
        for (cell, name), own in self.cells.items():
            group = self.groups.get((self._group_of[cell], name))
            # Against its peers a cell looks worse when they improve: its own change must agree.
            moved = self._moved(cell, name, own)
            sign = 1 if moved > 0 else -1
            rejecting = [
                each
                for each in (own, group)
                if each is not None and each.p_value(sign) <= self.limit and each.without_one(sign) <= _WITHOUT_ONE
            ]
            if rejecting and abs(moved) > own.tolerance:
                yield self._change(cell, name, own, min(rejecting, key=lambda each: each.p_value(sign)), sign)

    def _moved(self, cell: str, name: str, own: Combination) -> float:
        """The mean change of the cell's own values, not less the movement of its peers."""
        changes = {machine: self._compared[machine].sides[name][0].change(cell) for machine in own.tests}
        return pooled(list(changes.values()), [own.tests[each].standard_error for each in changes]).mean

    def _change(self, cell: str, name: str, own: Combination, found: Combination, sign: int) -> SharedChange:
        figure, p_value = FIGURES[name], found.p_value(sign)
        mean, error, _ = found.pooled
        margin = critical(_INTERVAL, _NORMAL) * error
        low, high = sorted(as_fraction(mean + side * margin, figure) for side in (-1, 1))
        evidence = Evidence(
            change=as_fraction(mean, figure),
            low=low,
            high=high,
            threshold=abs(as_fraction(found.least(self.limit), figure)),
            detectable=_finite(abs(as_fraction(own.least(self.limit, _POWER), figure))),
            p_value=p_value,
            standard_error=error,
            rule=_RULE[found.is_group],
        )
        peers = " with all of its peers" if found.is_group else ""
        words = (
            f"{figure.label} {evidence.change:+.1%}{peers} on {counted(len(found.tests), 'machine')} ({odds(p_value)})"
        )
        sharing = tuple(each for each in found.sharing(sign) if each in own.tests)
        return SharedChange(self._verdict(cell, name, words, evidence, sign), sharing, len(own.tests))

    def _verdict(self, cell: str, name: str, words: str, evidence: Evidence, sign: int) -> Verdict:
        quantity = FIGURES[name].quantity
        lacking = self._lacking_runs(cell, name) if sign > 0 else ""
        if lacking:
            found = inconclusive(cell, name, f"{words}; {lacking}", evidence, stops=False)
        else:
            found = changed(cell, name, words, evidence, worse=sign > 0)
        return replace(found, quantity=quantity)

    def _lacking_runs(self, cell: str, name: str) -> str:
        """Which runs it would take to decide over the figure, of all machines together."""
        sides = [self._compared[machine].sides[name][0].values[cell] for machine in self.cells[cell, name].tests]
        before, after = (sum(len(each[side]) for each in sides) for side in (0, 1))
        return lacking_runs(name, before, after)


def without_blind(verdict: Verdict, together: Together, must_detect: float) -> Verdict:
    """A machine's verdict; it does not stop where all machines together would have seen what must be detected."""
    if verdict.outcome is not VerdictOutcome.INCONCLUSIVE or verdict.evidence.detectable is None or not verdict.stops:
        return verdict
    seen = together.detectable(verdict.cell, verdict.figure)
    if seen is None or seen > must_detect:
        return verdict
    reason = f"{verdict.reason}; all machines together would have shown {seen:.0%}"
    return replace(verdict, reason=reason, stops=ExitCode.PASSED)
