"""Hypotheses about timed figures: one or more for each cell and figure, all decided together."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from lab4.analysis.figures import FIGURES, Nature
from lab4.analysis.gate.change_test import ChangeTest, change_tests
from lab4.analysis.gate.correction import SpeedCorrection, comparable_sides, correction_of
from lab4.analysis.gate.false_discovery import rejected
from lab4.analysis.gate.latent_factor import without_latent_factor
from lab4.analysis.gate.peer_adjusted import peer_adjusted
from lab4.analysis.gate.policy import Policy
from lab4.analysis.gate.sides import Sides, logs
from lab4.domain.figures import RunFigures

__all__ = ["CellSubset", "Hypothesis", "Logged", "corrections_of", "hypotheses_of", "logged"]

#: A run's logarithms by cell, for each figure, raw (``False``) and corrected (``True``).
Logged = Mapping[tuple[str, bool], Mapping[str, float]]
#: For each figure, what its cells show about dividing by the frequency probe.
Corrections = Mapping[str, SpeedCorrection]

#: The figures that are judged here.
_TIMED = {name: figure for name, figure in FIGURES.items() if figure.nature is Nature.TIMED and figure.judged}
#: The references that a cell's change is adjusted for, in words for messages.
_PEERS, _FACTOR = "its peer group", "the latent factor of all cells"


@dataclass(frozen=True, slots=True)
class CellSubset:
    """Runs of a few cells of the suite: ``cells`` are to be judged, the others estimate the machine's state.

    They are too few to decide on the frequency probe; ``corrections`` come from runs of the whole suite.
    """

    cells: Collection[str]
    corrections: Corrections


class _Tested(NamedTuple):
    """The test of a figure of a cell: of its own change, or of the change ``adjusted_for`` a reference."""

    name: str
    adjusted_for: str
    test: ChangeTest


class Hypothesis(NamedTuple):
    """A test, own or adjusted, with its decision; ``limit`` is the p-value that it had to stay under."""

    name: str
    test: ChangeTest
    adjusted_for: str
    rejected: bool
    limit: float


def logged(runs: Sequence[RunFigures]) -> list[Logged]:
    """The logarithms of every figure that is judged here, run by run; computed once for several comparisons."""
    return [
        {
            (name, corrected): logs(run, name, higher_is_better=figure.higher_is_better, corrected=corrected)
            for name, figure in _TIMED.items()
            for corrected in (False, True)
        }
        for run in runs
    ]


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
    tested: list[_Tested] = []
    notes: list[str] = []
    raw_sides: dict[str, Sides] = {}
    for name in _TIMED:
        raw, corrected = _raw_and_corrected(name, baselines, candidates, paired=paired)
        correction = correction_of(raw, corrected) if subset is None else subset.corrections[name]
        tests = _tested(name, comparable_sides(raw, corrected, helps=correction.helps), policy)
        tested += [each for each in tests if subset is None or each.test.cell in subset.cells]
        notes += _notes(FIGURES[name].label, correction) if subset is None else []  # said about the whole suite once
        raw_sides[name] = raw
    return _by_cell(_decided(tested, policy.false_alarms)), raw_sides, notes


def corrections_of(baselines: Sequence[Logged], candidates: Sequence[Logged], *, paired: bool) -> Corrections:
    """For each figure, what these runs show about dividing by the frequency probe."""
    return {name: correction_of(*_raw_and_corrected(name, baselines, candidates, paired=paired)) for name in _TIMED}


def _raw_and_corrected(
    name: str, baselines: Sequence[Logged], candidates: Sequence[Logged], *, paired: bool
) -> tuple[Sides, Sides]:
    raw, corrected = (
        Sides([run[name, way] for run in baselines], [run[name, way] for run in candidates], paired)
        for way in (False, True)
    )
    return raw, corrected


def _by_cell(hypotheses: Sequence[Hypothesis]) -> dict[tuple[str, str], list[Hypothesis]]:
    grouped: dict[tuple[str, str], list[Hypothesis]] = {}
    for hypothesis in hypotheses:
        grouped.setdefault((hypothesis.test.cell, hypothesis.name), []).append(hypothesis)
    return grouped


def _decided(tested: Sequence[_Tested], rate: float) -> list[Hypothesis]:
    """Control the false discovery rate of changes for the worse, and separately of changes for the better."""
    weights = [FIGURES[each.name].weight for each in tested]
    directions = [each.test.change > 0 for each in tested]
    decisions = {
        worse: rejected(
            [
                each.test.p_value if direction is worse else 1.0
                for each, direction in zip(tested, directions, strict=True)
            ],
            weights,
            rate,
        )
        for worse in (True, False)
    }
    return [
        Hypothesis(
            each.name,
            each.test,
            each.adjusted_for,
            rejected=decisions[worse][0][index],
            limit=min(0.5, decisions[worse][1] * weights[index]),
        )
        for index, (each, worse) in enumerate(zip(tested, directions, strict=True))
    ]


def _notes(label: str, correction: SpeedCorrection) -> list[str]:
    if not correction.total:
        return []
    applied = "is divided" if correction.helps else "is not divided"
    reduced = f"that reduces the variance between runs in {correction.better} of {correction.total} cells"
    return [f"{label} of uncontended calls {applied} by the frequency probe's time: {reduced}"]


def _tested(name: str, sides: Sides, policy: Policy) -> list[_Tested]:
    figure = FIGURES[name]
    tolerances = {cell: policy.tolerance(cell, name, figure.tolerance) for cell in sides.cells()}
    adjustments = {"": sides, _PEERS: peer_adjusted(sides), _FACTOR: without_latent_factor(sides)}
    return [
        _Tested(name, adjusted_for, test)
        for adjusted_for, adjusted in adjustments.items()
        for test in change_tests(adjusted, tolerances, figure.single_run_df)
    ]
