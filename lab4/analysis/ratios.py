"""Runs of two machines, compared by their ratios to float32."""

from collections.abc import Collection, Sequence
from dataclasses import replace

from lab4.analysis.figures import FIGURES, Nature
from lab4.analysis.policy import Policy, ThresholdRule
from lab4.domain.catalogue import FULL_PRECISION, merged
from lab4.domain.cell import Cell
from lab4.domain.errors import CellIdError
from lab4.domain.figures import RunFigures

#: Notes on a comparison across machines.
RATIO_NOTES = (
    "different machines: speeds are judged as ratios to the float32 cell of the same model and machine",
    "not judged across machines: training time, peak memory, and the float32 cells that others are divided by",
)
#: Why a cell is not judged.
NO_RATIO = (
    "different machines, and not every run has a float32 cell of this model to divide by; "
    "measure one, or give runs of one machine"
)
#: Ratios differ between machines by their instruction sets, which runs of one machine do not show.
_TOLERANCE = 0.25
_TIMED = {name for name, figure in FIGURES.items() if figure.nature is Nature.TIMED}


def relative_to_float32(
    baselines: Sequence[RunFigures], candidates: Sequence[RunFigures], policy: Policy
) -> tuple[list[RunFigures], list[RunFigures], Policy]:
    """Both sides with speeds as ratios to float32 and without training and memory, and a policy that tolerates more.

    Only timed figures change: all others, and all budgets, are judged as measured.
    """
    tolerant = [ThresholdRule("*", name, _TOLERANCE) for name in FIGURES if name in _TIMED]
    everywhere = _everywhere([*baselines, *candidates])
    before, after = ([_relative(run, everywhere) for run in side] for side in (baselines, candidates))
    return before, after, replace(policy, thresholds=[*tolerant, *policy.thresholds])


def without_float32(baselines: Sequence[RunFigures], candidates: Sequence[RunFigures]) -> list[str]:
    """Cells that both sides have timed, and that have no float32 cell in every run to divide by."""
    everywhere = _everywhere([*baselines, *candidates])
    before, after = (set().union(*map(_timed_cells, side)) for side in (baselines, candidates))
    return sorted(key for key in before & after if _reference(key, everywhere) is None)


def _everywhere(runs: Sequence[RunFigures]) -> list[Cell]:
    """The unmodified float32 cells that every run has timed, the ones to divide by first."""
    catalogue = merged(run.catalogue for run in runs)
    cells = filter(None, map(_cell_of, set.intersection(*map(_timed_cells, runs))))
    whole = [cell for cell in cells if catalogue.format(cell.format).precision == FULL_PRECISION]
    # The more places a format is made for, the more likely another machine has it; the model's own is the slowest.
    return sorted(
        (cell for cell in whole if not (cell.techniques or cell.runtime or cell.settings)),
        key=lambda cell: (catalogue.is_original(cell), -len(catalogue.format(cell.format).targets or ()), cell.format),
    )


def _cell_of(key: str) -> Cell | None:
    try:
        return Cell.from_key(key)
    except CellIdError:
        return None


def _timed_cells(run: RunFigures) -> set[str]:
    return {key for key, cell in run.cells.items() if cell.state == "measured" and "latency" in cell.values}


def _relative(run: RunFigures, everywhere: Collection[Cell]) -> RunFigures:
    cells = {}
    for key, cell in run.cells.items():
        kept = {name: value for name, value in cell.values.items() if name not in _TIMED}
        reference = _reference(key, everywhere)
        if reference is not None and reference != key:
            whole = run.cells[reference].values
            shared = _TIMED & cell.values.keys() & whole.keys() - {"training", "memory"}
            kept |= {name: cell.values[name] / whole[name] for name in shared if whole[name] > 0}
        cells[key] = replace(cell, values=kept, corrected={})
    return replace(run, cells=cells)


def _reference(key: str, everywhere: Collection[Cell]) -> str | None:
    """The float32 cell of the same model and place, which may be this one; ``None`` where some run has none."""
    cell = _cell_of(key)
    if cell is None:
        return None
    plain = replace(cell, techniques=(), runtime="", settings=())
    return next((each.key for each in everywhere if replace(plain, format=each.format) == each), None)
