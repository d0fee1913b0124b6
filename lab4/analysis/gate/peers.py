"""Peers: cells that the machine's state moves together, because one runtime runs them in the same way."""

from bisect import bisect_left
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from statistics import fmean, median

from lab4.analysis.gate.sides import Sides
from lab4.domain.catalogue import Catalogue
from lab4.domain.cell import Cell
from lab4.domain.errors import Lab4Error

#: Peers that a cell needs: the median of fewer depends too much on a single one.
MIN_PEERS = 3
#: Peers that are measured together with cells that are measured again.
_CONTROLS = 4
#: By cell, how far it is from its own level in one run.
_Moved = Mapping[str, float]


class PeerGroups:
    """The cells of one kind that one runtime runs on the same device with as many threads."""

    def __init__(self, cells: Iterable[str], catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._name_of = {key: self._name(key) for key in cells}
        self.members: dict[tuple[str, ...], list[str]] = {}
        for key, name in self._name_of.items():
            self.members.setdefault(name, []).append(key)

    def _name(self, key: str) -> tuple[str, ...]:
        """The group's name: kind, runtime, device, threads; a foreign benchmark is a group of its own."""
        try:
            cell = Cell.from_key(key)
        except Lab4Error:
            return (key,)
        runtime = self._catalogue.runtime_of(cell) if cell.format in self._catalogue.formats else ""
        return cell.kind, runtime, cell.device, str(cell.threads)

    def of(self, key: str) -> list[str]:
        """The cell's group, the cell among it; only the cell where it has too few peers."""
        members = self.members[self._name_of[key]]
        return members if len(members) > MIN_PEERS else [key]

    def runtime(self, key: str) -> str:
        """What the spread of a cell is known by: its runtime; empty where the record names none."""
        name = self._name_of[key]
        return name[1] if len(name) > 1 else ""

    def with_controls(self, cells: Collection[str], among: Collection[str]) -> list[str]:
        """These cells, and some peers of each ``among`` others, which show what the machine does to both."""
        chosen = dict.fromkeys(cells)
        for key in cells:
            others = [each for each in self.of(key) if each not in cells and each in among]
            step = max(1, len(others) // _CONTROLS)
            chosen |= dict.fromkeys(others[::step][:_CONTROLS])
        return list(chosen)


def relative_to_peers(sides: Sides, groups: PeerGroups) -> Sides:
    """Subtract from each value the movement of the cell's peers in the same run; drop cells with fewer than three.

    The movement of a run's peers is the median of their distances from their own levels (the mean of both sides'
    medians), so that a peer that is missing from one run does not bias the others.
    """

    def adjusted(run: Mapping[str, float], moved: _Moved) -> dict[str, float]:
        ordered = sorted(moved.values())
        return {cell: run[cell] - _median_of_others(ordered, own) for cell, own in moved.items()}

    return _by_group(sides, groups, adjusted)


def _median_of_others(ordered: Sequence[float], own: float) -> float:
    """The median of values in rising order without one of them."""
    at, others = bisect_left(ordered, own), len(ordered) - 1
    low, high = (ordered[place + (place >= at)] for place in ((others - 1) // 2, others // 2))
    return (low + high) / 2


def movement_of_groups(sides: Sides, groups: PeerGroups) -> Sides:
    """The movement of each group in each run, the median over its cells, as a value of each of its cells."""
    return _by_group(sides, groups, lambda _, moved: dict.fromkeys(moved, median(moved.values())))


def _by_group(
    sides: Sides, groups: PeerGroups, values_of: Callable[[Mapping[str, float], _Moved], dict[str, float]]
) -> Sides:
    centers = {cell: fmean(medians) for cell, medians in sides.medians.items()}

    def converted(run: Mapping[str, float]) -> dict[str, float]:
        found: dict[str, float] = {}
        for members in groups.members.values():
            moved = {cell: run[cell] - centers[cell] for cell in members if cell in run and cell in centers}
            if len(moved) > MIN_PEERS:
                found |= values_of(run, moved)
        return found

    baseline, candidate = ([converted(run) for run in side] for side in (sides.baseline, sides.candidate))
    return replace(sides, baseline=baseline, candidate=candidate)
