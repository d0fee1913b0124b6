"""A cell's values relative to its peer group, which removes what the machine did to the whole group."""

from collections.abc import Mapping, Sequence
from statistics import fmean

from lab4.analysis.gate.peer_group import MIN_PEERS, by_peer_group
from lab4.analysis.gate.sides import Sides, Values

__all__ = ["peer_adjusted"]


def peer_adjusted(sides: Sides) -> Sides:
    """Subtract from each value the movement of the cell's peers in the same run; drop cells with fewer than three.

    Peers run the same format on the same device with as many threads. The machine's state moves all of them, a change
    of the code moves one. The movement of a run's peers is the median of their distances from their own grand means
    (the mean of both sides' means), so that a peer that is missing from one run does not bias the others.
    """
    groups = by_peer_group(sides.cells())
    centers = {cell: fmean(sides.means(cell)) for cell in sides.cells()}
    return Sides(_adjusted(sides.baseline, groups, centers), _adjusted(sides.candidate, groups, centers), sides.paired)


def _adjusted(
    side: Values, groups: Mapping[object, Sequence[str]], centers: Mapping[str, float]
) -> list[dict[str, float]]:
    adjusted: list[dict[str, float]] = [{} for _ in side]
    for cells in groups.values():
        for run, values in zip(side, adjusted, strict=True):
            moved = {cell: run[cell] - centers[cell] for cell in cells if cell in run}
            if len(moved) > MIN_PEERS:
                values.update(_less_median_of_others(run, moved))
    return adjusted


def _less_median_of_others(run: Mapping[str, float], moved: Mapping[str, float]) -> dict[str, float]:
    """The values of the cells in ``moved``, each less the median movement of the others.

    One sort serves all cells: the median without one value depends only on the two or three middle values, and on
    which side of them that value is.
    """
    ordered = sorted(moved.values())
    half = len(ordered) // 2
    if len(ordered) == 2 * half:
        low, high = ordered[half - 1 : half + 1]
        return {cell: run[cell] - (high if own <= low else low) for cell, own in moved.items()}
    low, middle, high = ordered[half - 1 : half + 2]
    below, between, above = (low + middle) / 2, (low + high) / 2, (middle + high) / 2
    return {
        cell: run[cell] - (above if own <= low else between if own <= middle else below) for cell, own in moved.items()
    }
