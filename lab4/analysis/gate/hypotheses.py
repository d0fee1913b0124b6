"""Hypotheses about timed figures: one or more for each cell and figure, all decided together."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from lab4.analysis.figures import FIGURES
from lab4.analysis.gate.change_test import ChangeTest, change_tests
from lab4.analysis.gate.covariation import without_latent_factor
from lab4.analysis.gate.peers import peer_adjusted
from lab4.analysis.gate.policy import Policy
from lab4.analysis.gate.sides import TIMED, Logged, Sides, SpeedCorrection, comparable_sides, correction_of, sides_of

__all__ = ["CellSubset", "Corrections", "Hypothesis", "corrections_of", "hypotheses_of", "rejected"]

#: For each figure, what its cells show about dividing by the frequency probe.
Corrections = Mapping[str, SpeedCorrection]
#: The references that a cell's change is adjusted for, in words for messages.
_PEERS, _FACTOR = "its peer group", "the latent factor of all cells"


@dataclass(frozen=True, slots=True)
class CellSubset:
    """Runs of a few cells of the suite: ``cells`` are to be judged, the others estimate the machine's state.

    They are too few to decide on the frequency probe; ``corrections`` come from runs of the whole suite.
    """

    cells: Collection[str]
    corrections: Corrections


class Hypothesis(NamedTuple):
    """The test of a cell's own change, or of the change ``adjusted_for`` a reference, with its decision.

    ``limit`` is the p-value that it had to stay under.
    """

    name: str
    test: ChangeTest
    adjusted_for: str
    rejected: bool = False
    limit: float = 0.0


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
        tested += [each for each in tests if subset is None or each.test.cell in subset.cells]
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
    figure = FIGURES[name]
    tolerances = {cell: policy.tolerance(cell, name, figure.tolerance) for cell in sides.cells()}
    adjustments = {"": sides, _PEERS: peer_adjusted(sides), _FACTOR: without_latent_factor(sides)}
    return [
        Hypothesis(name, test, adjusted_for)
        for adjusted_for, adjusted in adjustments.items()
        for test in change_tests(adjusted, tolerances, figure.single_run_df)
    ]


def _decided(tested: Sequence[Hypothesis], rate: float) -> dict[tuple[str, str], list[Hypothesis]]:
    """Control the false discovery rate of changes for the worse, and separately of changes for the better."""
    weights = [FIGURES[each.name].weight for each in tested]
    is_worse = [each.test.change > 0 for each in tested]
    decisions = {
        worse: rejected(
            [each.test.p_value if way is worse else 1.0 for each, way in zip(tested, is_worse, strict=True)],
            weights,
            rate,
        )
        for worse in (True, False)
    }
    decided: dict[tuple[str, str], list[Hypothesis]] = {}
    for index, (each, worse) in enumerate(zip(tested, is_worse, strict=True)):
        rejections, limit = decisions[worse]
        hypothesis = each._replace(rejected=rejections[index], limit=min(0.5, limit * weights[index]))
        decided.setdefault((each.test.cell, each.name), []).append(hypothesis)
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
    mean = sum(weights) / len(weights)
    weighted = [p_value * mean / weight for p_value, weight in zip(p_values, weights, strict=True)]
    last = 0
    for rank, p_value in enumerate(sorted(weighted), 1):
        if p_value <= rate * rank / len(weighted):
            last = rank
    limit = rate * last / len(weighted)
    # What one more rejection would have needed is what a reader may take as the threshold.
    return [last > 0 and p_value <= limit for p_value in weighted], rate * (last + 1) / len(weighted) / mean
