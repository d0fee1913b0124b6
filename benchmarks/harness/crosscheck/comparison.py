"""Whether the suite and an external tool agree on a latency."""

from dataclasses import dataclass
from typing import Literal

from benchmarks.harness.crosscheck.ranks import median_interval
from benchmarks.harness.crosscheck.results import SUITE, Crosscheck, ToolResult
from lab4.domain.outcome import Unavailable
from lab4.sampling.quantiles import median

__all__ = ["AGREES", "ToolComparison", "Verdict", "compared"]

#: Between these ratios two tools agree.
AGREES = (0.95, 1.05)

Verdict = Literal["agrees", "differs", "undecided"]


@dataclass(frozen=True, slots=True)
class ToolComparison:
    """One result next to its reference, in seconds per call: medians of the rounds.

    ``ratio`` is the median of the rounds' reference / result, and ``low`` to ``high`` its 95% interval by ranks.
    """

    value_s: float
    probe_s: float
    ratio: float
    low: float
    high: float

    @property
    def verdict(self) -> Verdict:
        """Differs if the whole interval is outside 0.95 to 1.05; agrees if it is inside; undecided otherwise."""
        if self.low > AGREES[1] or self.high < AGREES[0]:
            return "differs"
        return "agrees" if AGREES[0] <= self.low and self.high <= AGREES[1] else "undecided"


def compared(check: Crosscheck) -> list[tuple[ToolResult, ToolComparison | Unavailable]]:
    """Compare every result with its reference, in the order of the results; the reason where that is impossible."""
    return [(result, _comparison(check, result)) for result in check.results]


def _comparison(check: Crosscheck, result: ToolResult) -> ToolComparison | Unavailable:
    if isinstance(result.observed, Unavailable):
        return result.observed
    reference = _reference(check, result)
    if isinstance(reference, Unavailable):
        return reference
    ratios = [other / own for other, own in zip(reference, result.observed, strict=True)]
    low, high = median_interval(ratios)
    return ToolComparison(median(result.observed), median(reference), median(ratios), low, high)


def _reference(check: Crosscheck, result: ToolResult) -> tuple[float, ...] | Unavailable:
    """The reference's values, in the same rounds."""
    others = {(each.name, each.kind): each.observed for each in check.results}
    others |= {(SUITE, kind): values for kind, values in check.suite.items()}
    missing = Unavailable(f"{result.reference} has no such latency to compare it with")
    found = others.get((result.reference, result.kind), missing)
    return missing if isinstance(found, Unavailable) else found
