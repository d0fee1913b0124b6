"""Which calls had their core to themselves, by the contention kernel around them."""

from collections.abc import Sequence
from itertools import compress

from lab4.sampling.interval import in_passes
from lab4.sampling.quantiles import quantile

__all__ = ["BLOCK", "is_alone", "quietest", "undisturbed"]

#: The kernel has two levels, alone and shared, a third or more apart; alone it varies by 2%.
_ALONE = 1.08
#: Looks in a row of which one level is told, and which quantile tells it: an undisturbed time is seldom shorter than a
#: tenth of so many, and a moment in which the other kernel was late, which looks quieter than any is, far rarer.
BLOCK, _QUIETEST = 50, 0.10
#: Passes with an undisturbed call that it takes to speak for a cell.
_LEAST_PASSES = 3


def quietest(ratios: Sequence[float]) -> float:
    """What the contention kernel takes beside the reference kernel on a core of its own.

    The least p10 of any 50 looks that follow each other, so that it does not matter for how much of the time a
    neighbour was there. ``ratios`` are in order of time, at least one.
    """
    whole = max(BLOCK, len(ratios) - len(ratios) % BLOCK)
    blocks = (ratios[start : start + BLOCK] for start in range(0, whole, BLOCK))
    return min(quantile(sorted(each), _QUIETEST) for each in blocks)


def is_alone(contention: float) -> bool:
    """Whether the core was not shared, by the contention kernel's ratio to the quietest."""
    return contention <= _ALONE


def undisturbed(
    samples: Sequence[float], pass_sizes: Sequence[int], flags: Sequence[bool]
) -> list[Sequence[float]] | None:
    """The samples of each pass around which nothing else worked on the core; a pass may have none.

    All samples, where nothing is told of them; ``None`` where too few passes have an undisturbed one to say anything.
    """
    passes = list(in_passes(samples, pass_sizes))
    if len(flags) != len(samples):
        return passes
    kept: list[Sequence[float]] = [
        list(compress(each, told)) for each, told in zip(passes, in_passes(flags, pass_sizes), strict=True)
    ]
    return kept if sum(map(bool, kept)) >= min(_LEAST_PASSES, sum(size > 0 for size in pass_sizes)) else None
