"""Which calls had a core without co-runners, by the contention probes around them."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import compress
from typing import NamedTuple

from lab4.sampling.interval import in_rounds
from lab4.sampling.quantiles import median

__all__ = [
    "BLOCK",
    "FastestProbes",
    "Ratios",
    "is_uncontended",
    "uncontended_ratio",
    "uncontended_ratio_of",
    "uncontended_samples",
]

#: The contention probe's time as a multiple of the frequency probe's, by the core that both were run on.
Ratios = Mapping[int, float]

#: The multiple has two levels, uncontended and shared, a third or more apart; uncontended it varies by 2%.
_UNCONTENDED = 1.08
#: Probes in a row that are judged at once, and how many of them, the fastest, count: an uncontended time is seldom
#: shorter than a tenth of so many.
BLOCK, _FASTEST = 50, 5
#: Blocks whose contention probe was as much slower than the fastest block's had no uncontended time, or less speed.
_AS_FAST = 1.02
#: Rounds with an uncontended call that a cell needs for statistics of uncontended calls.
_LEAST_ROUNDS = 3


class FastestProbes(NamedTuple):
    """Of some probes, those in which the contention probe was fastest: its seconds, and the multiple there."""

    contention_s: float
    ratio: float

    @classmethod
    def of(cls, probes: Iterable[tuple[float, float]]) -> "FastestProbes":
        """Of the frequency and the contention probe's seconds of at least one probe."""
        fastest = sorted(probes, key=lambda probe: probe[1])[:_FASTEST]
        return cls(median([each for _, each in fastest]), median([each / other for other, each in fastest]))


def uncontended_ratio(blocks: Iterable[FastestProbes]) -> float:
    """The contention probe's multiple of the frequency probe's time on an uncontended core, by at least one block.

    The fastest moments decide: nothing makes work faster than an uncontended core. The least multiple would not do, as
    a co-runner may slow the frequency probe more than the other (one that hashes as well).
    """
    found = list(blocks)
    least_s = min(each.contention_s for each in found)
    return median([each.ratio for each in found if each.contention_s <= least_s * _AS_FAST])


def uncontended_ratio_of(probes: Sequence[tuple[float, float]]) -> float:
    """`uncontended_ratio` of at least one probe, in order of time; in blocks, so that such times may be rare."""
    whole = max(BLOCK, len(probes) - len(probes) % BLOCK)
    return uncontended_ratio(FastestProbes.of(probes[start : start + BLOCK]) for start in range(0, whole, BLOCK))


def is_uncontended(ratios: Ratios, usual: Ratios) -> bool:
    """Whether no core was shared: its multiple is near its usual one, to either side, where that is known."""
    return all(1 / _UNCONTENDED <= ratio / usual.get(core, ratio) <= _UNCONTENDED for core, ratio in ratios.items())


def uncontended_samples(
    samples: Sequence[float], round_sizes: Sequence[int], flags: Sequence[bool]
) -> list[Sequence[float]] | None:
    """The samples of each round that were taken on an uncontended core; a round may have none.

    All samples, where there are no flags; ``None`` where too few rounds have an uncontended one.
    """
    rounds = list(in_rounds(samples, round_sizes))
    if len(flags) != len(samples):
        return rounds
    kept: list[Sequence[float]] = [
        list(compress(each, flagged)) for each, flagged in zip(rounds, in_rounds(flags, round_sizes), strict=True)
    ]
    return kept if sum(map(bool, kept)) >= min(_LEAST_ROUNDS, sum(size > 0 for size in round_sizes)) else None
