"""Peers: cells that the machine's state moves together, because one runtime runs them in the same way."""

from collections.abc import Collection, Iterable, Mapping
from statistics import fmean, median

from lab4.analysis.gate.sides import Sides
from lab4.domain.catalogue import Catalogue
from lab4.domain.cell import Cell
from lab4.domain.errors import Lab4Error

#: Peers that a cell needs: the median of fewer depends too much on a single one.
MIN_PEERS = 3
#: Peers that are measured together with cells that are measured again.
_CONTROLS = 4


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


def by_peers(sides: Sides, groups: PeerGroups) -> tuple[Sides, Sides]:
    """Each value less the movement of the cell's peers in the same run; and that of each group, as its first cell's.

    The movement in a run is the median distance from their own levels (the mean of both sides' medians), so that a peer
    that is missing from one run does not bias the others. Cells with fewer than three peers are left out.
    """
    centers = {cell: fmean(medians) for cell, medians in sides.medians.items()}

    def converted(run: Mapping[str, float]) -> tuple[dict[str, float], dict[str, float]]:
        relative: dict[str, float] = {}
        movement: dict[str, float] = {}
        for members in groups.members.values():
            moved = {cell: run[cell] - centers[cell] for cell in members if cell in run and cell in centers}
            if len(moved) > MIN_PEERS:
                relative |= {cell: run[cell] - others for cell, others in _medians_of_others(moved).items()}
                movement[members[0]] = median(moved.values())
        return relative, movement

    before, after = ([converted(run) for run in side] for side in (sides.baseline, sides.candidate))
    relative = Sides([run[0] for run in before], [run[0] for run in after], variances=sides.variances)
    return relative, Sides([run[1] for run in before], [run[1] for run in after])


def _medians_of_others(values: Mapping[str, float]) -> dict[str, float]:
    """By cell, the median of the values of all other cells."""
    ordered, last = sorted(values.values()), len(values) - 2
    low, high = last // 2, (last + 1) // 2
    # Without a value that is at or below a middle place, the next one is there.
    at_low, next_low, at_high, next_high = (ordered[place] for place in (low, low + 1, high, high + 1))
    return {
        cell: ((next_low if own <= at_low else at_low) + (next_high if own <= at_high else at_high)) / 2
        for cell, own in values.items()
    }
