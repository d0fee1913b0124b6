"""Whether to divide values by the reference kernel's time, so that they vary less."""

from dataclasses import dataclass

from lab4.analysis.gate.sides import Sides
from lab4.sampling.binomial import tail

__all__ = ["Correction", "correction_of", "where_told"]

#: How sure it must be that dividing by the reference kernel's time helps.
_SURE = 0.05


@dataclass(frozen=True, slots=True)
class Correction:
    """In how many cells (``better`` of ``total``) the values varied less when divided by the kernel's time."""

    better: int
    total: int

    @property
    def helps(self) -> bool:
        """Whether that is no luck, by the sign test."""
        return self.total > 0 and tail(self.better, self.total) < _SURE


def correction_of(raw: Sides, corrected: Sides) -> Correction:
    """What the variances within the sides tell; nothing is told by one run a side."""
    better = total = 0
    for cell in set(corrected.cells()) & set(raw.cells()):
        with_it, without = corrected.spread(cell), raw.spread(cell)
        if with_it.freedom and with_it.variance != without.variance:
            total += 1
            better += with_it.variance < without.variance
    return Correction(better, total)


def where_told(raw: Sides, corrected: Sides, *, helps: bool) -> Sides:
    """What is compared: of cells beside which the machine was watched, only runs with a corrected value.

    In the others hardly a call was undisturbed, so that their values are of all calls. ``helps`` says whether to
    compare the corrected values or the raw ones.
    """
    pairs = [
        list(zip(plain, fixed, strict=True))
        for plain, fixed in ((raw.baseline, corrected.baseline), (raw.candidate, corrected.candidate))
    ]
    watched = {cell for side in pairs for _, fixed in side for cell in fixed}
    if not watched or all(plain.keys() == fixed.keys() for side in pairs for plain, fixed in side):
        return corrected if watched and helps else raw
    baseline, candidate = (
        [
            {cell: value for cell, value in plain.items() if cell not in watched}
            | {cell: value if helps else plain[cell] for cell, value in fixed.items()}
            for plain, fixed in side
        ]
        for side in pairs
    )
    return Sides(baseline, candidate, raw.paired)
