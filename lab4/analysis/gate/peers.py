"""Peer groups: cells that the machine's state affects alike, because they run the same format in the same way."""

from collections.abc import Collection, Iterable, Mapping
from functools import cache
from statistics import fmean

from lab4.analysis.gate.sides import Sides
from lab4.domain.cell import Cell
from lab4.domain.errors import CellIdError

__all__ = ["MIN_PEERS", "cells_and_peers", "peer_adjusted", "peer_group_of", "with_peer_group"]

#: Peers that a cell needs: the median of fewer depends too much on a single one.
MIN_PEERS = 3


@cache
def peer_group_of(key: str) -> object:
    """Equal for cells of one kind that run the same format on the same device with as many threads."""
    try:
        cell = Cell.from_key(key)
    except CellIdError:  # a benchmark that plain pytest-benchmark saved
        return key
    return cell.kind, cell.format, cell.device, cell.threads


def _by_peer_group(cells: Iterable[str]) -> dict[object, list[str]]:
    groups: dict[object, list[str]] = {}
    for cell in cells:
        groups.setdefault(peer_group_of(cell), []).append(cell)
    return groups


def with_peer_group(cells: Collection[str], among: Iterable[str]) -> list[str]:
    """These cells and their peers ``among`` the others, where a group has enough of them."""
    groups = _by_peer_group(dict.fromkeys([*cells, *among]))
    chosen = dict.fromkeys(map(peer_group_of, cells))
    return [cell for key in chosen for cell in groups[key] if cell in cells or len(groups[key]) > MIN_PEERS]


def cells_and_peers(cells: int, measured: int) -> str:
    """How many cells are measured, and how many peers with them, in words."""
    counted = "1 cell" if cells == 1 else f"{cells} cells"
    peers = measured - cells
    return f"{counted} and {peers} of {'its' if cells == 1 else 'their'} peers" if peers else counted


def peer_adjusted(sides: Sides) -> Sides:
    """Subtract from each value the movement of the cell's peers in the same run; drop cells with fewer than three.

    Peers run the same format on the same device with as many threads. The machine's state moves all of them, a change
    of the code moves one. The movement of a run's peers is the median of their distances from their own grand means
    (the mean of both sides' means), so that a peer that is missing from one run does not bias the others.
    """
    groups = _by_peer_group(sides.cells()).values()
    centers = {cell: fmean(sides.means(cell)) for cell in sides.cells()}
    baseline, candidate = (
        [_adjusted(run, groups, centers) for run in side] for side in (sides.baseline, sides.candidate)
    )
    return Sides(baseline, candidate, sides.paired)


def _adjusted(
    run: Mapping[str, float], groups: Iterable[Collection[str]], centers: Mapping[str, float]
) -> dict[str, float]:
    adjusted: dict[str, float] = {}
    for cells in groups:
        moved = {cell: run[cell] - centers[cell] for cell in cells if cell in run}
        if len(moved) > MIN_PEERS:
            adjusted.update(_less_median_of_others(run, moved))
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
