"""Runs of different machines: compared by each cell's ratio to float32 on its own machine."""

from collections.abc import Sequence
from dataclasses import replace

from lab4.analysis.figures import FIGURES, Nature
from lab4.analysis.gate.policy import Policy, ThresholdRule
from lab4.analysis.gate.verdict import ExitCode, Verdict, VerdictOutcome
from lab4.domain.catalogue import FULL_PRECISION, merged
from lab4.domain.cell import Cell
from lab4.domain.errors import CellIdError
from lab4.domain.figures import CellFigures, RunFigures

__all__ = ["NOTES", "relative_to_float32", "without_ratio"]

#: Notes on a comparison across machines.
NOTES = (
    "different machines: speeds are judged as ratios to the float32 cell of the same model and machine",
    "not judged across machines: training time, peak memory, and the float32 cells that others are divided by",
)
#: Ratios differ between machines by their instruction sets, which runs of one machine do not show.
_TOLERANCE = 0.25


def relative_to_float32(
    baselines: Sequence[RunFigures], candidates: Sequence[RunFigures], policy: Policy
) -> tuple[list[RunFigures], list[RunFigures], Policy]:
    """Both sides with speeds as ratios and without training and memory, and a policy that tolerates more.

    Only timed figures change: all others, and all budgets, are judged as measured.
    """
    tolerant = [
        ThresholdRule("*", name, _TOLERANCE) for name, figure in FIGURES.items() if figure.nature is Nature.TIMED
    ]
    changed = replace(policy, thresholds=[*tolerant, *policy.thresholds])
    references = _References([*baselines, *candidates])
    before, after = ([_relative(run, references) for run in side] for side in (baselines, candidates))
    return before, after, changed


def without_ratio(baselines: Sequence[RunFigures], candidates: Sequence[RunFigures]) -> list[Verdict]:
    """The verdicts on timed cells of both sides without a float32 cell to divide by: they cannot be judged."""
    references = _References([*baselines, *candidates])
    timed = [{key for run in side for key in _timed_cells(run)} for side in (baselines, candidates)]
    reason = (
        "different machines, and not every run has a float32 cell of this model to divide by; "
        "measure one, or give runs of one machine"
    )
    return [
        Verdict(key, "latency", VerdictOutcome.INCONCLUSIVE, reason, stops=ExitCode.CANNOT_JUDGE)
        for key in sorted(timed[0] & timed[1])
        if references.of(key) is None
    ]


def _timed_cells(run: RunFigures) -> set[str]:
    return {key for key, cell in run.cells.items() if cell.state == "measured" and "latency" in cell.values}


def _relative(run: RunFigures, references: "_References") -> RunFigures:
    return replace(run, cells={key: _ratio(run, key, cell, references) for key, cell in run.cells.items()})


def _ratio(run: RunFigures, key: str, cell: CellFigures, references: "_References") -> CellFigures:
    timed = {name for name, figure in FIGURES.items() if figure.nature is Nature.TIMED}
    kept = {name: value for name, value in cell.values.items() if name not in timed}
    reference = references.of(key)
    if reference is not None and reference != key:
        whole = run.cells[reference]
        shared = timed & cell.values.keys() & whole.values.keys() - {"training", "memory"}
        kept |= {name: cell.values[name] / whole.values[name] for name in shared if whole.values[name] > 0}
    return replace(cell, values=kept, corrected={})


class _References:
    """The full-precision cells that others are divided by."""

    def __init__(self, runs: Sequence[RunFigures]) -> None:
        self._catalogue = merged(run.catalogue for run in runs)
        self._everywhere = set.intersection(*map(_timed_cells, runs))

    def of(self, key: str) -> str | None:
        """The unmodified model's cell at full precision in the same place, which may be this one.

        ``None`` where some run has none. The format in which the model is given comes last: it often runs in the
        framework that trains it, whose calls cost more.
        """
        try:
            cell = Cell.from_key(key)
        except CellIdError:
            return None
        originals = [replace(cell, techniques=(), format=name, runtime="") for name in self._catalogue.formats]
        whole = [each for each in originals if self._catalogue.format(each.format).precision == FULL_PRECISION]
        whole.sort(key=self._catalogue.is_original)
        return next((each.key for each in whole if each.key in self._everywhere), None)
