"""Which calls had their core to themselves, by the contention kernel around them."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import compress
from typing import NamedTuple

from lab4.sampling.interval import in_passes
from lab4.sampling.quantiles import median

__all__ = ["BLOCK", "Quiet", "Ratios", "is_alone", "level", "quietest", "undisturbed"]

#: The contention kernel's time as a multiple of the reference kernel's, by the core that both were run on.
Ratios = Mapping[int, float]

#: The multiple has two levels, alone and shared, a third or more apart; alone it varies by 2%.
_ALONE = 1.08
#: Looks in a row that are asked at once, and how many of them, the fastest, speak: an undisturbed time is seldom
#: shorter than a tenth of so many.
BLOCK, _FASTEST = 50, 5
#: Blocks whose contention kernel was as much slower than the fastest block's had no undisturbed time, or less speed.
_AS_FAST = 1.02
#: Passes with an undisturbed call that it takes to speak for a cell.
_LEAST_PASSES = 3


class Quiet(NamedTuple):
    """The moments of some looks in which the contention kernel was fastest: its seconds, and the multiple there."""

    contention_s: float
    ratio: float

    @classmethod
    def of(cls, looks: Iterable[tuple[float, float]]) -> "Quiet":
        """Of the reference and the contention kernel's seconds of at least one look."""
        fastest = sorted(looks, key=lambda look: look[1])[:_FASTEST]
        return cls(median([each for _, each in fastest]), median([each / other for other, each in fastest]))


def level(blocks: Iterable[Quiet]) -> float:
    """The contention kernel's multiple of the reference kernel's time on a core of its own, by at least one block.

    It is told by the fastest moments: nothing makes work faster than having the core to itself. The least multiple
    would not do, as a neighbour may slow the reference kernel more than the other (one that hashes as well).
    """
    found = list(blocks)
    least_s = min(each.contention_s for each in found)
    return median([each.ratio for each in found if each.contention_s <= least_s * _AS_FAST])


def quietest(looks: Sequence[tuple[float, float]]) -> float:
    """`level` of at least one look, in order of time; in blocks, so that it may be alone seldom or often."""
    whole = max(BLOCK, len(looks) - len(looks) % BLOCK)
    return level(Quiet.of(looks[start : start + BLOCK]) for start in range(0, whole, BLOCK))


def is_alone(ratios: Ratios, levels: Ratios) -> bool:
    """Whether no core was shared: its multiple is near its level, to either side, where that is known."""
    return all(1 / _ALONE <= ratio / levels.get(core, ratio) <= _ALONE for core, ratio in ratios.items())


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
