"""Finding moments in which the cores have no co-runner."""

from collections import defaultdict, deque
from dataclasses import dataclass, field
from time import perf_counter

from lab4.kernels.probe import Probe, ProbeTimes, probe
from lab4.sampling.contention import (
    BLOCK,
    FastestProbes,
    Ratios,
    is_uncontended,
    uncontended_ratio,
    uncontended_ratio_of,
)

__all__ = ["ContentionMonitor"]

#: How many blocks of probes are remembered, and how many it takes to know what an uncontended core is like.
_REMEMBERED, _KNOWN = 1_000, 2


@dataclass(slots=True)
class ContentionMonitor:
    """What this process has seen of its cores, each by its number."""

    _seen: defaultdict[int, list[ProbeTimes]] = field(default_factory=lambda: defaultdict(list))
    _blocks: defaultdict[int, deque[FastestProbes]] = field(
        default_factory=lambda: defaultdict(lambda: deque(maxlen=_REMEMBERED))
    )
    _ratios: dict[int, float] = field(default_factory=dict)

    def learn(self) -> None:
        """Probe often enough to know what uncontended cores are like, if they were uncontended."""
        while any(len(self._blocks[core]) < _KNOWN for core in self.probe().cores):
            pass

    @property
    def uncontended_ratios(self) -> Ratios:
        """The contention probe's multiple of the frequency probe's time on uncontended cores, by what was seen."""
        begun = {
            core: uncontended_ratio_of(seen) for core, seen in self._seen.items() if seen and core not in self._ratios
        }
        return self._ratios | begun

    def probe(self) -> Probe:
        """Probe once: some 0.3 ms per core."""
        result = probe()
        for core, times in result.cores.items():
            seen, blocks = self._seen[core], self._blocks[core]
            seen.append(times)
            if len(seen) == BLOCK:
                blocks.append(FastestProbes.of(seen))
                seen.clear()
                self._ratios[core] = uncontended_ratio(blocks)
        return result

    def is_uncontended(self, result: Probe) -> bool:
        """Whether the cores had no co-runner, by all that was seen."""
        return is_uncontended(result.ratios, self.uncontended_ratios)

    def wait(self, last: Probe, seconds: float) -> tuple[Probe, float]:
        """Probe until the cores have no co-runner, for so long at most; the last probe and the seconds it took.

        Without sleeping: a core that idles is slow for a while.
        """
        start = now = perf_counter()
        while not self.is_uncontended(last) and now - start < seconds:
            last = self.probe()
            now = perf_counter()
        return last, now - start
