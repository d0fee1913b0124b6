"""Runs of different machines: what can be compared is how a cell fares against float32 on its own machine."""

from collections.abc import Collection, Sequence
from dataclasses import replace

from lab4.analysis.figures import FIGURES, Nature
from lab4.analysis.gate.policy import Policy, Threshold
from lab4.domain.cell import Cell
from lab4.domain.errors import CellIdError
from lab4.domain.figures import CellFigures, RunFigures

__all__ = ["relative_to_float32"]

#: A ratio differs between machines by what their instructions favour, which no run of one machine tells.
_TOLERANCE = 0.25
#: The float32 cell of a model that others are divided by: the first of these that every run of both sides has.
_WHOLE = ("tflite_float32", "onnx", "keras")


def relative_to_float32(
    baselines: Sequence[RunFigures], candidates: Sequence[RunFigures], policy: Policy
) -> tuple[list[RunFigures], list[RunFigures], Policy]:
    """Both sides with speeds as ratios, without what has none (training, memory), and a policy that tolerates more.

    Of timed figures alone: all else is judged, and held to its budget, as it was measured.
    """
    tolerant = [Threshold("*", name, _TOLERANCE) for name, figure in FIGURES.items() if figure.nature is Nature.TIMED]
    changed = replace(policy, thresholds=[*tolerant, *policy.thresholds])
    everywhere = set.intersection(
        *({key for key, cell in run.cells.items() if cell.state == "measured"} for run in (*baselines, *candidates))
    )
    before, after = ([_relative(run, everywhere) for run in side] for side in (baselines, candidates))
    return before, after, changed


def _relative(run: RunFigures, everywhere: Collection[str]) -> RunFigures:
    return replace(run, cells={key: _ratio(run, key, cell, everywhere) for key, cell in run.cells.items()})


def _ratio(run: RunFigures, key: str, cell: CellFigures, everywhere: Collection[str]) -> CellFigures:
    timed = {name for name, figure in FIGURES.items() if figure.nature is Nature.TIMED}
    kept = {name: value for name, value in cell.values.items() if name not in timed}
    whole = _whole(run, key, everywhere)
    if whole is not None:
        shared = timed & cell.values.keys() & whole.values.keys() - {"training", "memory"}
        kept |= {name: cell.values[name] / whole.values[name] for name in shared if whole.values[name] > 0}
    return replace(cell, values=kept, corrected={})


def _whole(run: RunFigures, key: str, everywhere: Collection[str]) -> CellFigures | None:
    try:
        cell = Cell.from_key(key)
    except CellIdError:
        return None
    for name in _WHOLE:
        other = replace(cell, techniques=(), format=name).key
        if other in everywhere:
            return None if other == key else run.cells[other]
    return None
