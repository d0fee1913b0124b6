"""Timed figures: each change is tested against how much such a figure varies between runs of unchanged code."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from itertools import chain
from math import exp, expm1, inf, log, log1p, sqrt
from statistics import median
from typing import NamedTuple

from lab4.analysis.figures import FIGURES, FigureTraits
from lab4.analysis.gate.peers import PeerGroups, by_peers
from lab4.analysis.gate.sides import TIMED, LoggedRun, Sides, logged, sides_of
from lab4.analysis.gate.verdict import Evidence, Runs, Verdict, VerdictOutcome, changed, inconclusive
from lab4.analysis.policy import Policy
from lab4.analysis.spreads import known_by
from lab4.domain.catalogue import merged
from lab4.domain.text import odds
from lab4.sampling.noise import NoiseOfHour, Seen
from lab4.sampling.quantiles import TAILS
from lab4.sampling.robust import weight_of
from lab4.sampling.student import critical, tail

#: A lower bound of the standard deviation between runs: a thousandth.
_MIN_VARIANCE = 0.001**2
_POWER, _INTERVAL = 0.8, 0.025
#: The share of comparisons of unchanged code in which cells may be flagged, to be measured again.
FLAGGED = 0.2
#: The largest limit of a p-value: beyond it is the other direction.
_MOST_LIMIT = 0.5
#: What a test keeps of its equal part of the rate where others need more.
_KEPT = 0.25
#: What makes up for rounding in a quantile of a quantile.
_ROUNDED = 1 + 1e-6
#: A percentile is lengthened by any program that works for a moment, and a median may be of another mode: so many runs
#: decide over them, if so many of them agree. Of percentiles beyond the share, of a saved run too.
_LEAST_RUNS, _AGREEING, _FAR = 3, 0.75, 0.95
#: Beyond it a threshold says only that there are too few runs.
_DOUBLING = log(2)
#: More runs are not asked for.
_MOST_RUNS = 1000
#: Bad runs happen more often than in a normal distribution: changes have the tails of Student's t with so many degrees
#: of freedom for each run of the shorter side. Percentiles of calls, which are not essential, have more of them.
_MOST_FREEDOM, _MOST_FREEDOM_OF_OTHERS = 12.0, 6.0
#: The standard error at least where too few calls were uncontended: contention lasts, and more runs do not average it
#: out. Such values differ by 15 to 30% from others. A larger one would let one saved run show no doubling.
_CONTENDED = 0.10
#: Of the cells of a noisy hour some are hit and some are not: what this share does not exceed shows how noisy it is.
_CELLS = 0.8
#: The variance between runs of a figure of n calls is that of one of many, times 1 + this / n: so it was in six hours
#: of two machines (docs/evidence/gates.md).
_FEW_CALLS = 60
#: The figure that says how long calls are.
_CALLS = next(name for name, figure in TIMED.items() if figure.demanded)
#: The rules: a cell's change by itself, against its peers, and that of all peers together; and of interleaved runs.
OWN, PEERS, GROUP, PAIRS = "own", "peers", "group", "pairs"
#: What a rule's known spread is called in `KnownSpreads`.
_KINDS = {OWN: "own", PEERS: "relative", GROUP: "group", PAIRS: "paired"}
_AGAINST = {
    OWN: " by itself",
    PEERS: " against its peers",
    GROUP: " with all of its peers",
    PAIRS: " in interleaved runs",
}


class Tested(NamedTuple):  # a self-check makes thousands
    """A change as a logarithm, higher is worse, by one of the rules; and the decision.

    ``limit`` is the p-value that it had to stay under to be ``rejected``.
    """

    cell: str
    figure: str
    rule: str
    change: float
    standard_error: float
    degrees_of_freedom: float
    tolerance: float
    rejected: bool = False
    limit: float = 0.0

    @property
    def p_value(self) -> float:
        """One-sided p-value of the hypothesis that the change, in its direction, is within the tolerance."""
        return tail(self.statistic, self.degrees_of_freedom)

    @property
    def statistic(self) -> float:
        """How far the change is beyond the tolerance, in standard errors."""
        return (abs(self.change) - self.tolerance) / self.standard_error

    @property
    def interval(self) -> tuple[float, float]:
        """The 95% interval of the change."""
        margin = critical(_INTERVAL, self.degrees_of_freedom) * self.standard_error
        return self.change - margin, self.change + margin

    @property
    def threshold(self) -> float:
        """The smallest change that would have been rejected."""
        return self.tolerance + critical(self.limit, self.degrees_of_freedom) * self.standard_error

    @property
    def detectable(self) -> float:
        """The change that passes the threshold in 80 of 100 runs."""
        return self.threshold + critical(1 - _POWER, self.degrees_of_freedom) * self.standard_error


@dataclass(frozen=True)
class Comparison:
    """Both sides' runs, and what each cell's spreads are ``known_by``; ``paired`` where the runs were interleaved.

    ``figures`` are those that are tested, of these ``cells``, or of all: others show what the machine did.
    """

    baselines: Sequence[LoggedRun]
    candidates: Sequence[LoggedRun]
    groups: PeerGroups
    known_by: Mapping[str, str]
    profile: str
    policy: Policy
    paired: bool = False
    cells: frozenset[str] | None = None
    figures: Sequence[str] = tuple(TIMED)

    @cached_property
    def sides(self) -> dict[str, tuple[Sides, frozenset[str]]]:
        """By figure, its sides, and the cells that lack corrected values, unlike their peers."""
        runs, variances = (self.baselines, self.candidates), self._variances()
        return {name: sides_of(name, runs, self.groups.of, variances, paired=self.paired) for name in self.figures}

    def _variances(self) -> list[list[dict[str, float]]]:
        """By run and cell, in the median one of the cells that are known by the same spreads."""
        sides = [
            [{cell: 1 + _FEW_CALLS / count for cell, count in run.calls.items()} for run in side]
            for side in (self.baselines, self.candidates)
        ]
        found: dict[str, list[float]] = {}
        for cell, own in chain.from_iterable(run.items() for run in chain(*sides)):
            found.setdefault(self.known_by[cell], []).append(own)
        usual = {name: median(each) for name, each in found.items()}
        return [
            [{cell: own / usual[self.known_by[cell]] for cell, own in run.items()} for run in side] for side in sides
        ]

    @cached_property
    def tests(self) -> list[Tested]:
        """Every test of every figure, undecided: one of each cell, and one of each group of peers."""
        return [test for name in self.figures for test in _tests_of(name, self)]

    def levels(self, cell: str, name: str) -> tuple[float, float]:
        """The median logarithm of each side's values as they were measured, not corrected for the machine's speed."""
        before, after = (
            median(run.values[name][cell] for run in runs if cell in run.values[name])
            for runs in (self.baselines, self.candidates)
        )
        return before, after


def comparison_of(  # noqa: PLR0913  # each is its own concern
    baselines: Runs,
    candidates: Runs,
    policy: Policy,
    *,
    paired: bool = False,
    cells: frozenset[str] | None = None,
    measured: Runs = (),
) -> Comparison:
    """What is compared: the runs' logarithms, and the groups of their cells; ``cells`` as `Comparison` has them.

    ``measured`` are the runs with their latencies in seconds, where those that are compared have ratios.
    """
    runs = (*baselines, *candidates)
    keys = dict.fromkeys(key for run in runs for key in run.cells)
    groups = PeerGroups(keys, merged(run.catalogue for run in runs))
    profiles = {run.settings.profile for run in runs}
    profile = profiles.pop() if len(profiles) == 1 else ""
    cells_of = {key: [run.cells[key].values for run in measured or runs if key in run.cells] for key in keys}
    calls = {key: [values[_CALLS] for values in own if _CALLS in values] for key, own in cells_of.items()}
    known = {key: known_by(groups.runtime(key), median(own or [0.0])) for key, own in calls.items()}
    return Comparison(logged(baselines), logged(candidates), groups, known, profile, policy, paired, cells)


def _tests_of(name: str, compared: Comparison) -> Iterator[Tested]:
    figure, policy, contended = FIGURES[name], compared.policy, compared.sides[name][1]
    seen = [(each, _seen(each, name, compared)) for each in _by_rule(name, compared)]
    usual: dict[str, list[Seen]] = {}
    for (cell, rule, _), found in seen:
        if rule != GROUP and cell not in contended:
            usual.setdefault(compared.known_by[cell], []).append(found)
    most = _MOST_FREEDOM if figure.essential else _MOST_FREEDOM_OF_OTHERS
    hour = NoiseOfHour.seen_in(usual, _CELLS, policy.spreads.freedom, paired=compared.paired)
    for (cell, rule, sides), found in seen:
        members = compared.groups.of(cell) if rule == GROUP else [cell]
        if compared.cells is not None and compared.cells.isdisjoint(members):
            continue
        known = hour.variance(found.known, None if rule == GROUP else compared.known_by[cell])
        freedom, within = policy.spreads.freedom, found.spread
        tolerance = policy.tolerance(cell, name, figure.tolerance)
        if figure.grain and rule != GROUP:  # a group's cells each have their own
            tolerance = max(tolerance, figure.grain / exp(compared.levels(cell, name)[0]))
        variance = (freedom * known + within.freedom * within.variance) / (freedom + within.freedom)
        yield Tested(
            cell,
            name,
            rule,
            found.change,
            max(sqrt(max(variance, _MIN_VARIANCE) * found.weight), _CONTENDED if cell in contended else 0.0),
            min(freedom + within.freedom, most * min(map(len, sides.values[cell]))),
            log1p(tolerance),
        )


def _by_rule(name: str, compared: Comparison) -> list[tuple[str, str, Sides]]:
    """Which cells are tested by which rule, and on which values.

    In pairs, whose runs have met the same moments, the machine's state cancels: no peers have to show it.
    """
    sides = compared.sides[name][0]
    if compared.paired:
        return [(cell, PAIRS, sides) for cell in sides.medians]
    relative, groups = by_peers(sides, compared.groups)
    chosen = [(cell, PEERS, relative) if cell in relative.medians else (cell, OWN, sides) for cell in sides.medians]
    return [*chosen, *((cell, GROUP, groups) for cell in groups.medians)]


def _seen(of: tuple[str, str, Sides], name: str, compared: Comparison) -> Seen:
    cell, rule, sides = of
    known = compared.policy.spreads.deviation(name, compared.profile, compared.known_by[cell], _KINDS[rule])
    return Seen(sides.change(cell), sides.weight(cell), sides.spread(cell), known)


def decided(tests: Sequence[Tested], policy: Policy, runs: tuple[int, int]) -> list[Tested]:
    """Reject what unchanged code shows less often than the admitted rate over all tests together, in each direction.

    The tests over which so many ``runs`` of both sides decide share the rate by Bonferroni's rule, with weights: where
    some could not show at equal parts what must be detected, each of these takes what it needs, if that leaves enough
    for the others. Weights that the changes have no part in keep the rate: Genovese, Roeder and Wasserman, "False
    discovery control with p-value weighting" (2006).
    """
    count = sum(not lacking_runs(each.figure, *runs) for each in tests)
    found = at_equal_parts(tests, policy.false_alarms, count)
    if not any(is_blind(each, policy) for each in found):
        return found
    rest = at_equal_parts(tests, policy.false_alarms * _KEPT, count)
    wider = {place: _demanded_limit(each, policy) for place, each in enumerate(rest) if is_blind(each, policy)}
    if sum(wider.values()) > policy.false_alarms * (1 - _KEPT):
        return found
    return [_at(each, wider[place]) if place in wider else each for place, each in enumerate(rest)]


def at_equal_parts(tests: Sequence[Tested], rate: float, count: int) -> list[Tested]:
    """Reject what unchanged code shows less often than its part of the rate, which ``count`` tests share."""
    return [_at(each, rate / max(1, count)) for each in tests]


def _at(test: Tested, limit: float) -> Tested:
    limit = min(_MOST_LIMIT, limit)
    # By the statistic: critical values are cached, and p-values take long.
    return test._replace(rejected=test.statistic >= critical(limit, test.degrees_of_freedom), limit=limit)


def is_blind(test: Tested, policy: Policy) -> bool:
    """Whether the test would, more likely than not, not have shown a change that must be detected."""
    return FIGURES[test.figure].demanded and test.rule != GROUP and test.threshold > _demanded(test, policy)


def _demanded(test: Tested, policy: Policy) -> float:
    """The change that must be detected, as a logarithm: by as much more as the policy tolerates more."""
    return log1p(policy.must_detect) + max(0.0, test.tolerance - log1p(FIGURES[test.figure].tolerance))


def _demanded_limit(test: Tested, policy: Policy) -> float:
    """The limit at which the test's threshold is what must be detected."""
    beyond = (_demanded(test, policy) - test.tolerance) / test.standard_error
    return tail(beyond, test.degrees_of_freedom) * _ROUNDED


def judge_timed(compared: Comparison, tests: Sequence[Tested]) -> list[Verdict]:
    """One verdict for each cell and figure that both sides have; ``tests`` are those of the comparison, decided."""
    of_cell = {(each.cell, each.figure): each for each in tests if each.rule != GROUP}
    of_group = {(each.cell, each.figure): each for each in tests if each.rule == GROUP}
    verdicts = []
    for (cell, name), own in of_cell.items():
        group = of_group.get((compared.groups.of(cell)[0], name))
        verdicts.append(_Judged(compared, [own] if group is None else [own, group]).verdict())
    return [*verdicts, *_without_pairs(compared)]


def lacking_runs(name: str, before: int, after: int) -> str:
    """Which runs it would take to decide over a figure, if there are too few."""
    share, _ = TAILS.get(name, (0.0, 0))
    if share > _FAR and min(before, after) < _LEAST_RUNS:
        return f"a {name} is decided by {_LEAST_RUNS} runs on either side"
    if (share or FIGURES[name].quantity == "rate") and after < _LEAST_RUNS:
        return f"the {FIGURES[name].label} is decided by {_LEAST_RUNS} runs of the candidate"
    return ""


class _Judged:
    """A figure of a cell with its tests, its own and that of its group, if there is one."""

    def __init__(self, compared: Comparison, tests: Sequence[Tested]) -> None:
        self.compared, self.tests = compared, tests
        self.own = tests[0]
        self.cell, self.name = self.own.cell, self.own.figure
        self.figure = FIGURES[self.name]
        self.sides, self.contended = compared.sides[self.name]
        self.before, self.after = map(len, self.sides.values[self.cell])

    def verdict(self) -> Verdict:
        """By the test that decides, or that shows most where the cell looks worse, and is worth measuring again."""
        # The cell's own change: against its peers it looks worse when they improve, and it may have moved less.
        change, figure = self.sides.change(self.cell), self.figure
        moved = change if abs(change) > self.own.tolerance else 0.0
        agreeing = [each for each in self.tests if each.change * moved > 0]
        rejecting = [each for each in agreeing if each.rejected]
        # More of them than can be real.
        flags = at_equal_parts(agreeing, FLAGGED, len(self.compared.tests))
        flagged = [each for each in flags if each.rejected and moved > 0]
        deciding = min(rejecting or (agreeing if flagged else []), key=lambda each: each.p_value, default=self.own)
        if rejecting:
            words = _words(deciding, figure)
            lacking = lacking_runs(self.name, self.before, self.after)
            if not (lacking or figure.essential) and self.sides.agreement(self.cell) < _AGREEING:
                lacking = f"fewer than {_AGREEING:.0%} of the runs of a side show it"
            if deciding.change > 0 and lacking:
                return self._open(f"{words}; {lacking}", deciding, stops=False)
            return changed(self.cell, self.name, words, self._evidence(deciding), worse=deciding.change > 0)
        if is_blind(self.own, self.compared.policy):
            return self._open(self._blind(), deciding)
        if flagged:
            reason = f"{_words(deciding, figure)}; not beyond what unchanged cells show together"
            return self._open(reason, deciding, stops=False)
        return Verdict(self.cell, self.name, VerdictOutcome.SAME, "within run-to-run noise", self._evidence(deciding))

    def _open(self, reason: str, deciding: Tested, *, stops: bool = True) -> Verdict:
        """An inconclusive verdict, without an interval and threshold that are too wide to say anything."""
        evidence = self._evidence(deciding)
        if deciding.threshold > _DOUBLING:
            evidence = replace(evidence, low=None, high=None, threshold=None)
        return inconclusive(self.cell, self.name, reason, evidence, stops=stops)

    def _blind(self) -> str:
        """Why a change that must be detected would not have been, and about how many runs would help."""
        must = _size(log1p(self.compared.policy.must_detect))
        seen = f"a change of {_size(self.own.detectable)} would have been seen, and {must} must be"
        if self.cell in self.contended:
            return f"too few uncontended calls: {seen}; run again on a quieter machine or with a longer profile"
        wanted = _demanded(self.own, self.compared.policy) - self.own.tolerance
        if wanted <= 0:
            return f"{seen}; no run could show it, as changes up to {_size(self.own.tolerance)} are tolerated"
        paired = self.compared.paired
        weight = partial(weight_of, paired=paired)
        most = (wanted / (self.own.threshold - self.own.tolerance)) ** 2 * weight((self.before, self.after))
        of_pairs = ("pairs of runs, in more --minutes,", 1, 1)
        of_sides = (("baseline runs", 1, 0), ("candidate runs", 0, 1), ("runs of each side", 1, 1))
        for whose, own, other in [of_pairs] if paired else of_sides:
            for more in range(1, _MOST_RUNS):
                sides = (self.before + own * more, self.after + other * more)
                if weight(sides) <= most:
                    return f"{seen}; about {max(sides) if own == other else sides[other]} {whose} would do"
        return f"{seen}; more than {_MOST_RUNS} runs of each side would be needed"

    def _evidence(self, deciding: Tested) -> Evidence:
        figure, levels = self.figure, self.compared.levels(self.cell, self.name)
        before, after = (exp(-level if figure.higher_is_better else level) for level in levels)
        low, high = sorted(as_fraction(end, figure) for end in deciding.interval)
        return Evidence(
            before,
            after,
            change=as_fraction(deciding.change, figure),
            low=low,
            high=high,
            threshold=abs(as_fraction(deciding.threshold, figure)),
            detectable=abs(as_fraction(self.own.detectable, figure)),
            p_value=deciding.p_value,
            standard_error=deciding.standard_error,
            degrees_of_freedom=deciding.degrees_of_freedom,
            rule=deciding.rule,
        )


def _without_pairs(compared: Comparison) -> Iterator[Verdict]:
    """Verdicts on cells that were measured on both sides, but never next to each other."""
    for name, (sides, _) in compared.sides.items() if compared.paired else ():
        figure = FIGURES[name]
        reason = (
            f"no pair of interleaved runs has the {figure.label} on both sides; "
            "measure both sides again, or judge the runs without --interleaved"
        )
        for cell in sides.cells_without_pairs():
            yield inconclusive(cell, name, reason, stops=figure.essential)


def _size(change: float) -> str:
    return "more than tenfold" if change > log(10) else f"{expm1(change) * 100:.3g}%"


def _words(deciding: Tested, figure: FigureTraits) -> str:
    change = as_fraction(deciding.change, figure)
    return f"{figure.label} {change:+.1%}{_AGAINST[deciding.rule]} ({odds(deciding.p_value)})"


def as_fraction(change: float, figure: FigureTraits) -> float:
    """Convert a change of logarithms, higher is worse, to a fraction of the figure: +0.05 is 5% more."""
    try:
        return expm1(-change if figure.higher_is_better else change)
    except OverflowError:  # a threshold that so few runs do not determine
        return inf
