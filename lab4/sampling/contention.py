"""Which calls had a core without co-runners, by the contention probes around them."""

from collections import deque
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import compress

from lab4.sampling.interval import in_rounds
from lab4.sampling.quantiles import median

#: The contention probe's time as a multiple of the frequency probe's, by the core that both were run on.
Ratios = Mapping[int, float]

#: The multiple has two levels, uncontended and shared, a third or more apart; uncontended it varies by 2%.
_UNCONTENDED = 1.08
#: Probes in a row that are judged at once, and how many of them, the fastest, count: an uncontended time is seldom
#: shorter than a tenth of so many.
_BLOCK, _FASTEST = 50, 5
#: How many blocks are remembered, and how many it takes to know what an uncontended core is like.
_REMEMBERED, _KNOWN = 1_000, 2
#: Blocks whose contention probe was as much slower than the fastest block's had no uncontended time, or less speed.
_AS_FAST = 1.02
#: What an uncontended burst may lose of its time to others: a time slice is some milliseconds, as a burst is.
_LOST = 0.05
#: Rounds with an uncontended call that a cell needs for statistics of uncontended calls.
_LEAST_ROUNDS = 3


@dataclass(slots=True)
class CoreProbes:
    """What probes of one core have shown, in blocks, so that uncontended times may be rare."""

    _begun: list[tuple[float, float]] = field(default_factory=list)
    #: Of each block's probes in which the contention probe was fastest: its seconds, and the multiple there.
    _blocks: deque[tuple[float, float]] = field(default_factory=lambda: deque(maxlen=_REMEMBERED))
    _ratio: float | None = None

    def add(self, probe: tuple[float, float]) -> None:
        """Add the frequency and the contention probe's seconds."""
        self._begun.append(probe)
        if len(self._begun) == _BLOCK:
            self._blocks.append(_fastest(self._begun))
            self._begun.clear()
            self._ratio = _uncontended_ratio(self._blocks)

    @property
    def is_known(self) -> bool:
        """Whether there were probes enough to know what the core is like uncontended, if it was."""
        return len(self._blocks) >= _KNOWN

    @property
    def uncontended_ratio(self) -> float:
        """The contention probe's multiple of the frequency probe's time on the core uncontended, by at least one probe.

        The fastest moments decide: nothing makes work faster than an uncontended core. The least multiple would not do,
        as a co-runner may slow the frequency probe more than the other (one that hashes as well).
        """
        return _uncontended_ratio([_fastest(self._begun)]) if self._ratio is None else self._ratio


def _fastest(probes: Iterable[tuple[float, float]]) -> tuple[float, float]:
    fastest = sorted(probes, key=lambda probe: probe[1])[:_FASTEST]
    return median([each for _, each in fastest]), median([each / other for other, each in fastest])


def _uncontended_ratio(blocks: Collection[tuple[float, float]]) -> float:
    least_s = min(contention_s for contention_s, _ in blocks)
    return median([ratio for contention_s, ratio in blocks if contention_s <= least_s * _AS_FAST])


def uncontended_ratio_of(probes: Iterable[tuple[float, float]]) -> float:
    """`CoreProbes.uncontended_ratio` of at least one probe, in order of time."""
    core = CoreProbes()
    for probe in probes:
        core.add(probe)
    return core.uncontended_ratio


def is_uncontended(ratios: Ratios, usual: Ratios, lost: float = 0.0) -> bool:
    """Whether no core was shared: its multiple is near its usual one, to either side, where that is known.

    ``lost`` is the share of the time in which a process waited for a core that another one had.
    """
    if lost > _LOST:
        return False
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
