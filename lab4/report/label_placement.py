"""Where to put the labels of marks so that they stay readable."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from math import cos, pi, sin

__all__ = ["Box", "placed_labels"]

_DIRECTIONS = 16
_STEPS = 12
_DOTS = 5


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle by its centre and its size, in the units of the drawing; ``y`` grows downwards."""

    x: float
    y: float
    width: float
    height: float

    def overlap(self, other: "Box") -> float:
        """The area that both cover."""
        wide = (self.width + other.width) / 2 - abs(self.x - other.x)
        high = (self.height + other.height) / 2 - abs(self.y - other.y)
        return max(0.0, wide) * max(0.0, high)

    def inside(self, area: "Box") -> bool:
        """Whether nothing of it is outside ``area``."""
        wide = abs(self.x - area.x) + self.width / 2 <= area.width / 2
        return wide and abs(self.y - area.y) + self.height / 2 <= area.height / 2


def placed_labels(
    marks: Sequence[Box], labels: Sequence[tuple[float, float]], taken: Sequence[Box], area: Box
) -> list[Box]:
    """A box for the label (width, height) of each mark: near it, within ``area``, over as little else as can be.

    Else are all marks, the boxes ``taken``, the labels placed before and the lines that lead to them. The order of
    ``marks`` decides.
    """
    others, placed = [*taken, *marks], list[Box]()
    for mark, (width, height) in zip(marks, labels, strict=True):
        candidates = _around(mark, width, height)
        inside = [candidate for candidate in candidates if candidate.inside(area)] or candidates
        uncovered = (each for each in inside if not _covered(mark, each, others, placed))
        best = next(uncovered, None) or min(inside, key=lambda each: _covered(mark, each, others, placed))
        others += [best, *_lead(mark, best)]
        placed.append(best)
    return placed


def _covered(mark: Box, label: Box, others: Sequence[Box], labels: Sequence[Box]) -> float:
    """How much of ``others`` a label covers; a line to it shall not run behind a label either."""
    lines = sum(dot.overlap(other) for dot in _lead(mark, label) for other in labels)
    return sum(label.overlap(other) for other in others) + lines


def _lead(mark: Box, label: Box) -> list[Box]:
    """Dots along the line from a mark to its label, without its ends."""
    steps = [number / _DOTS for number in range(1, _DOTS)]
    return [Box(mark.x + (label.x - mark.x) * step, mark.y + (label.y - mark.y) * step, 2, 2) for step in steps]


def _around(mark: Box, width: float, height: float) -> list[Box]:
    """Places from near to far: right of the mark first, then clockwise, then a step further out."""
    wide, high = (mark.width + width) / 2 + 2, (mark.height + height) / 2 + 1
    rings = [(wide + step * height / 2, high + step * height / 2) for step in range(_STEPS)]
    angles = [2 * pi * turn / _DIRECTIONS for turn in range(_DIRECTIONS)]
    return [Box(mark.x + x * cos(a), mark.y + y * sin(a), width, height) for (x, y), a in product(rings, angles)]
