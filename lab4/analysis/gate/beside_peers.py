"""A cell's values beside those of its peers: what a machine's state does to all of them is left out."""

from collections.abc import Mapping, Sequence
from statistics import fmean

from lab4.analysis.gate.kin import LEAST_PEERS, by_kin
from lab4.analysis.gate.sides import Sides, Values

__all__ = ["beside_peers"]


def beside_peers(sides: Sides) -> Sides:
    """Each value less what the cell's peers moved by in the same run; cells with fewer than three are left out.

    Peers run the same format on the same device with as many threads: what a machine's state does to one it does to
    all of them, and what a change does to one it does not. A run's peers moved by the median of their distances, each
    from the middle of its own two sides, so that one which is missing in a run changes nothing for the others.
    """
    groups = by_kin(sides.cells())
    usual = {cell: fmean(sides.means(cell)) for cell in sides.cells()}
    return Sides(_less_peers(sides.baseline, groups, usual), _less_peers(sides.candidate, groups, usual), sides.paired)


def _less_peers(
    side: Values, groups: Mapping[object, Sequence[str]], usual: Mapping[str, float]
) -> list[dict[str, float]]:
    less: list[dict[str, float]] = [{} for _ in side]
    for cells in groups.values():
        for run, found in zip(side, less, strict=True):
            moved = {cell: run[cell] - usual[cell] for cell in cells if cell in run}
            if len(moved) > LEAST_PEERS:
                found.update(_less_others(run, moved))
    return less


def _less_others(run: Mapping[str, float], moved: Mapping[str, float]) -> dict[str, float]:
    """The values of the cells that ``moved`` by so much, each less the median of what the others did.

    That is told by the two or three values in the middle of all, and by the side of them on which the cell's own is.
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
