"""Runs of different machines: compared by each cell's ratio to float32 on its own machine."""

from collections.abc import Collection, Sequence
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
    everywhere = _everywhere([*baselines, *candidates])
    before, after = ([_relative(run, everywhere) for run in side] for side in (baselines, candidates))
    return before, after, changed


def without_ratio(baselines: Sequence[RunFigures], candidates: Sequence[RunFigures]) -> list[Verdict]:
    """The verdicts on timed cells of both sides without a float32 cell to divide by: they cannot be judged."""
    everywhere = _everywhere([*baselines, *candidates])
    timed = [{key for run in side for key in _timed_cells(run)} for side in (baselines, candidates)]
    reason = (
        "different machines, and not every run has a float32 cell of this model to divide by; "
        "measure one, or give runs of one machine"
    )
    return [
        Verdict(key, "latency", VerdictOutcome.INCONCLUSIVE, reason, stops=ExitCode.CANNOT_JUDGE)
        for key in sorted(timed[0] & timed[1])
        if _reference(key, everywhere) is None
    ]


def _everywhere(runs: Sequence[RunFigures]) -> list[Cell]:
    """The unmodified float32 cells that every run has timed, the ones to divide by first."""
    catalogue = merged(run.catalogue for run in runs)
    cells = filter(None, map(_cell_of, set.intersection(*map(_timed_cells, runs))))
    whole = [cell for cell in cells if catalogue.format(cell.format).precision == FULL_PRECISION]
    # The more places a format is made for, the more likely another machine has it; the model's own is the slowest.
    return sorted(
        (cell for cell in whole if not cell.techniques and not cell.runtime),
        key=lambda cell: (
            catalogue.is_original(cell),
            -len(catalogue.format(cell.format).targets or ()),
            cell.format,
        ),
    )


def _cell_of(key: str) -> Cell | None:
    try:
        return Cell.from_key(key)
    except CellIdError:
        return None


def _timed_cells(run: RunFigures) -> set[str]:
    return {key for key, cell in run.cells.items() if cell.state == "measured" and "latency" in cell.values}


def _relative(run: RunFigures, everywhere: Collection[Cell]) -> RunFigures:
    return replace(run, cells={key: _ratio(run, key, cell, everywhere) for key, cell in run.cells.items()})


def _ratio(run: RunFigures, key: str, cell: CellFigures, everywhere: Collection[Cell]) -> CellFigures:
    timed = {name for name, figure in FIGURES.items() if figure.nature is Nature.TIMED}
    kept = {name: value for name, value in cell.values.items() if name not in timed}
    reference = _reference(key, everywhere)
    if reference is not None and reference != key:
        whole = run.cells[reference]
        shared = timed & cell.values.keys() & whole.values.keys() - {"training", "memory"}
        kept |= {name: cell.values[name] / whole.values[name] for name in shared if whole.values[name] > 0}
    return replace(cell, values=kept, corrected={})


def _reference(key: str, everywhere: Collection[Cell]) -> str | None:
    """The float32 cell of the same model and place, which may be this one; ``None`` where some run has none."""
    cell = _cell_of(key)
    if cell is None:
        return None
    same = (each for each in everywhere if replace(cell, techniques=(), format=each.format, runtime="") == each)
    return next((each.key for each in same), None)
