"""Which cells a machine's state touches alike: those that run the same format in the same way."""

from collections.abc import Collection, Iterable
from functools import cache

from lab4.domain.cell import Cell
from lab4.domain.errors import CellIdError

__all__ = ["LEAST_PEERS", "by_kin", "counted", "kin_of", "with_kin"]

#: Cells beside one that say how the machine is: fewer have no middle that one of them does not move.
LEAST_PEERS = 3


@cache
def kin_of(key: str) -> object:
    """What is equal for cells of the same part that run the same format on the same device with as many threads."""
    try:
        cell = Cell.from_key(key)
    except CellIdError:  # a benchmark of somebody else's, which pytest-benchmark saved
        return key
    return cell.kind, cell.format, cell.device, cell.threads


def by_kin(cells: Iterable[str]) -> dict[object, list[str]]:
    """The cells in groups of kin, in order."""
    groups: dict[object, list[str]] = {}
    for cell in cells:
        groups.setdefault(kin_of(cell), []).append(cell)
    return groups


def with_kin(cells: Collection[str], among: Iterable[str]) -> list[str]:
    """These cells, and of the others those of their kin, where they are enough to say how the machine is."""
    groups = by_kin(dict.fromkeys([*cells, *among]))
    kin = dict.fromkeys(map(kin_of, cells))
    return [cell for key in kin for cell in groups[key] if cell in cells or len(groups[key]) > LEAST_PEERS]


def counted(cells: int, measured: int) -> str:
    """In words: so many cells, and the others that are measured beside them."""
    told = "1 cell" if cells == 1 else f"{cells} cells"
    beside = measured - cells
    return f"{told} and {beside} beside {'it' if cells == 1 else 'them'}" if beside else told
