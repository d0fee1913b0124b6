"""Peer groups: cells that the machine's state affects alike, because they run the same format in the same way."""

from collections.abc import Collection, Iterable
from functools import cache

from lab4.domain.cell import Cell
from lab4.domain.errors import CellIdError

__all__ = ["MIN_PEERS", "by_peer_group", "cells_and_peers", "peer_group_of", "with_peer_group"]

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


def by_peer_group(cells: Iterable[str]) -> dict[object, list[str]]:
    """The cells by peer group, in order."""
    groups: dict[object, list[str]] = {}
    for cell in cells:
        groups.setdefault(peer_group_of(cell), []).append(cell)
    return groups


def with_peer_group(cells: Collection[str], among: Iterable[str]) -> list[str]:
    """These cells and their peers ``among`` the others, where a group has enough of them."""
    groups = by_peer_group(dict.fromkeys([*cells, *among]))
    chosen = dict.fromkeys(map(peer_group_of, cells))
    return [cell for key in chosen for cell in groups[key] if cell in cells or len(groups[key]) > MIN_PEERS]


def cells_and_peers(cells: int, measured: int) -> str:
    """How many cells are measured, and how many peers with them, in words."""
    counted = "1 cell" if cells == 1 else f"{cells} cells"
    peers = measured - cells
    return f"{counted} and {peers} of {'its' if cells == 1 else 'their'} peers" if peers else counted
