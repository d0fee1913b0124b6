"""Whether to divide values by the frequency probe's time: only where that reduces their variance."""

from dataclasses import dataclass

from lab4.analysis.gate.sides import Sides
from lab4.sampling.binomial import tail

__all__ = ["SpeedCorrection", "comparable_sides", "correction_of"]

#: Significance level of the sign test.
_SIGNIFICANCE = 0.05


@dataclass(frozen=True, slots=True)
class SpeedCorrection:
    """In ``better`` of ``total`` cells the values vary less when divided by the frequency probe's time."""

    better: int
    total: int

    @property
    def helps(self) -> bool:
        """Whether that is significant, by a sign test."""
        return self.total > 0 and tail(self.better, self.total) < _SIGNIFICANCE


def correction_of(raw: Sides, corrected: Sides) -> SpeedCorrection:
    """Compare the variances within the sides; single runs have none."""
    better = total = 0
    for cell in set(corrected.cells()) & set(raw.cells()):
        with_it, without = corrected.spread(cell), raw.spread(cell)
        if with_it.freedom and with_it.variance != without.variance:
            total += 1
            better += with_it.variance < without.variance
    return SpeedCorrection(better, total)


def comparable_sides(raw: Sides, corrected: Sides, *, helps: bool) -> Sides:
    """The values to compare: of cells with a contention monitor, only those of runs with a corrected value.

    In the other runs too few calls were uncontended, so that their values include contended calls. ``helps`` chooses
    the corrected values over the raw ones.
    """
    pairs = [
        list(zip(plain, fixed, strict=True))
        for plain, fixed in ((raw.baseline, corrected.baseline), (raw.candidate, corrected.candidate))
    ]
    monitored = {cell for side in pairs for _, fixed in side for cell in fixed}
    if not monitored or all(plain.keys() == fixed.keys() for side in pairs for plain, fixed in side):
        return corrected if monitored and helps else raw
    baseline, candidate = (
        [
            {cell: value for cell, value in plain.items() if cell not in monitored}
            | {cell: value if helps else plain[cell] for cell, value in fixed.items()}
            for plain, fixed in side
        ]
        for side in pairs
    )
    return Sides(baseline, candidate, raw.paired)
