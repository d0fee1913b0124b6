"""Whether the suite and another tool agree on a latency."""

from dataclasses import dataclass
from typing import Literal

from lab4.domain.crosscheck import SUITE, Contender, Crosscheck
from lab4.domain.outcome import Unavailable
from lab4.sampling.quantiles import median
from lab4.sampling.ranks import median_interval

__all__ = ["AGREES", "Comparison", "Verdict", "compared"]

#: Between these ratios two tools agree.
AGREES = (0.95, 1.05)

Verdict = Literal["agrees", "differs", "undecided"]


@dataclass(frozen=True, slots=True)
class Comparison:
    """One contender beside the suite's same figure, or another's, in seconds a call: medians of the rounds.

    ``ratio`` is the median of beside / contender, a ratio a round, and ``low`` to ``high`` its 95% interval by ranks.
    """

    value_s: float
    beside_s: float
    ratio: float
    low: float
    high: float

    @property
    def verdict(self) -> Verdict:
        """Differs only where the whole interval is outside 0.95 to 1.05, and agrees only where it is inside."""
        if self.low > AGREES[1] or self.high < AGREES[0]:
            return "differs"
        return "agrees" if AGREES[0] <= self.low and self.high <= AGREES[1] else "undecided"


def compared(check: Crosscheck) -> list[tuple[Contender, Comparison | Unavailable]]:
    """Every contender with how it compares, or with why it does not; in their own order."""
    return [(contender, _compared(check, contender)) for contender in check.contenders]


def _compared(check: Crosscheck, contender: Contender) -> Comparison | Unavailable:
    if isinstance(contender.observed, Unavailable):
        return contender.observed
    beside = _beside(check, contender)
    if isinstance(beside, Unavailable):
        return beside
    ratios = [other / own for other, own in zip(beside, contender.observed, strict=True)]
    low, high = median_interval(ratios)
    return Comparison(median(contender.observed), median(beside), median(ratios), low, high)


def _beside(check: Crosscheck, contender: Contender) -> tuple[float, ...] | Unavailable:
    """The values that the contender is compared with, in the same rounds."""
    others = {(each.name, each.figure): each.observed for each in check.contenders}
    others |= {(SUITE, figure): values for figure, values in check.suite.items()}
    missing = Unavailable(f"{contender.beside} has no such figure to compare it with")
    found = others.get((contender.beside, contender.figure), missing)
    return missing if isinstance(found, Unavailable) else found
