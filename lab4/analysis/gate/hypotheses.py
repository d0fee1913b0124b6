"""Hypotheses about timed figures: one or more for each cell and figure, all decided together.

Each is tested against the variance between runs of the same code.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from math import log1p
from statistics import median
from typing import NamedTuple

from lab4.analysis.figures import FIGURES
from lab4.analysis.gate.adjustments import mean_squared_correlation, peer_adjusted, without_latent_factor
from lab4.analysis.gate.policy import Policy
from lab4.analysis.gate.sides import TIMED, Logged, Sides, SpeedCorrection, comparable_sides, correction_of, sides_of
from lab4.sampling.student import critical, tail
from lab4.sampling.variances import Spread, prior_of

#: For each figure, what its cells show about dividing by the frequency probe.
Corrections = Mapping[str, SpeedCorrection]
#: The references that a cell's change is adjusted for, in words for messages.
_PEERS, _FACTOR = "its peer group", "the latent factor of all cells"
#: For one run per side, which shows no variance: more than cells varied between runs of unchanged code.
_ASSUMED_SPREAD = Spread(0.05**2, 4)
#: A lower bound of the standard deviation between runs: a thousandth.
_MIN_VARIANCE = 0.001**2
_POWER = 0.8
_INTERVAL = 0.025


@dataclass(frozen=True, slots=True)
class CellSubset:
    """Runs of a few cells of the suite: ``cells`` are to be judged, the others estimate the machine's state.

    They are too few to decide on the frequency probe; ``corrections`` come from runs of the whole suite.
    """

    cells: Collection[str]
    corrections: Corrections


class Hypothesis(NamedTuple):  # a self-check makes ten thousand
    """A cell's own change, or that ``adjusted_for`` a reference, as a logarithm, higher is worse; and the decision.

    ``gap`` is the distance between the two sides' ranges, 0 where they overlap. ``consistent``: the single runs (or
    most pairs) show the change as well. ``limit`` is the p-value that it had to stay under to be ``rejected``.
    """

    cell: str
    figure: str
    adjusted_for: str
    change: float
    gap: float
    standard_error: float
    degrees_of_freedom: float
    tolerance: float
    consistent: bool
    rejected: bool = False
    limit: float = 0.0

    @property
    def p_value(self) -> float:
        """One-sided p-value of the null hypothesis that the change, in its direction, is within the tolerance."""
        if not self.consistent:
            return 1.0
        return tail((abs(self.change) - self.tolerance) / self.standard_error, self.degrees_of_freedom)

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


def hypotheses_of(
    baselines: Sequence[Logged],
    candidates: Sequence[Logged],
    policy: Policy,
    *,
    paired: bool,
    subset: CellSubset | None = None,
) -> tuple[dict[tuple[str, str], list[Hypothesis]], dict[str, Sides], list[str]]:
    """The decided hypotheses by cell and figure, each figure's raw sides, and notes.

    ``subset`` describes runs of fewer cells than the suite's.
    """
    tested: list[Hypothesis] = []
    notes: list[str] = []
    raw_sides: dict[str, Sides] = {}
    for name in TIMED:
        raw, corrected = sides_of(name, baselines, candidates, paired=paired)
        correction = correction_of(raw, corrected) if subset is None else subset.corrections[name]
        tests = _tested(name, comparable_sides(raw, corrected, helps=correction.helps), policy)
        tested += [each for each in tests if subset is None or each.cell in subset.cells]
        if subset is None and correction.total:  # said about the whole suite once
            notes.append(
                f"{FIGURES[name].label} of uncontended calls {'is' if correction.helps else 'is not'} divided by the "
                "frequency probe's time: that reduces the variance between runs in "
                f"{correction.better} of {correction.total} cells"
            )
        raw_sides[name] = raw
    return _decided(tested, policy.false_alarms), raw_sides, notes


def corrections_of(baselines: Sequence[Logged], candidates: Sequence[Logged], *, paired: bool) -> Corrections:
    """For each figure, what these runs show about dividing by the frequency probe."""
    return {name: correction_of(*sides_of(name, baselines, candidates, paired=paired)) for name in TIMED}


def _tested(name: str, sides: Sides, policy: Policy) -> list[Hypothesis]:
    tolerances = {cell: log1p(policy.tolerance(cell, name, FIGURES[name].tolerance)) for cell in sides.means}
    tested = []
    for reference, adjusted in (("", sides), (_PEERS, peer_adjusted(sides)), (_FACTOR, without_latent_factor(sides))):
        spreads = adjusted.spreads
        # For a single run the degrees of freedom are so few that the number of independent cells does not matter.
        prior = prior_of(list(spreads.values()), 1.0 if adjusted.is_single_run else mean_squared_correlation(adjusted))
        for cell, own in spreads.items():
            spread = prior.moderated(own) if prior else own
            tested.append(_hypothesis((cell, name, reference), adjusted, spread, tolerances[cell]))
    return tested


def _hypothesis(of: tuple[str, str, str], sides: Sides, spread: Spread, tolerance: float) -> Hypothesis:
    cell, figure, _ = of
    variance, freedom = spread if spread.freedom else _ASSUMED_SPREAD
    if 1 in map(len, sides.values[cell]):
        freedom = min(freedom, FIGURES[figure].single_run_df)
    is_consistent = _most_pairs_agree if sides.paired else _every_run_agrees
    return Hypothesis(
        *of,
        change=sides.change(cell),
        gap=sides.gap(cell),
        standard_error=sides.standard_error(cell, max(variance, _MIN_VARIANCE)),
        degrees_of_freedom=freedom,
        tolerance=tolerance,
        consistent=is_consistent(sides, cell, tolerance),
    )


def _every_run_agrees(sides: Sides, cell: str, tolerance: float) -> bool:
    """Whether each run of the shorter side shows the change: a real one is in every run, an outlier in one."""
    (baseline, candidate), (before, after) = sides.values[cell], sides.means[cell]
    shorter = min(len(baseline), len(candidate))
    sign = 1.0 if after > before else -1.0
    return all(
        sign * direction * (value - other) > tolerance
        for side, other, direction in ((candidate, before, 1.0), (baseline, after, -1.0))
        if len(side) == shorter
        for value in side
    )


def _most_pairs_agree(sides: Sides, cell: str, tolerance: float) -> bool:
    """Whether most pairs show the change: an outlier moves the mean of many pairs and not their median."""
    middle = median(after - before for before, after in zip(*sides.values[cell], strict=True))
    return abs(middle) > tolerance and middle * sides.change(cell) > 0


def _decided(tested: Sequence[Hypothesis], rate: float) -> dict[tuple[str, str], list[Hypothesis]]:
    """Control the false discovery rate of changes for the worse, and separately of changes for the better."""
    weights = [FIGURES[each.figure].weight for each in tested]
    decisions = {
        worse: rejected([each.p_value if (each.change > 0) is worse else 1.0 for each in tested], weights, rate)
        for worse in (True, False)
    }
    decided: dict[tuple[str, str], list[Hypothesis]] = {}
    for index, each in enumerate(tested):
        rejections, limit = decisions[each.change > 0]
        hypothesis = each._replace(rejected=rejections[index], limit=min(0.5, limit * weights[index]))
        decided.setdefault((each.cell, each.figure), []).append(hypothesis)
    return decided


def rejected(p_values: Sequence[float], weights: Sequence[float], rate: float) -> tuple[list[bool], float]:
    """Return which hypotheses are rejected, and the p-value that one more of weight 1 would have needed.

    Benjamini and Hochberg (1995) with the weights of Genovese, Roeder and Wasserman (2006), which are scaled to a
    mean of 1. At most a share of ``rate`` of the rejections is false on average; where nothing changed at all, the
    probability of any rejection is at most ``rate``. It holds for positively dependent tests, such as those of one
    machine.
    """
    if not p_values:
        return [], rate
    count, mean = len(p_values), sum(weights) / len(weights)
    weighted = [p_value * mean / weight for p_value, weight in zip(p_values, weights, strict=True)]
    passing = (rank for rank, p_value in enumerate(sorted(weighted), 1) if p_value <= rate * rank / count)
    last = max(passing, default=0)
    limit = rate * last / count
    # What one more rejection would have needed is what a reader may take as the threshold.
    return [last > 0 and p_value <= limit for p_value in weighted], rate * (last + 1) / count / mean
