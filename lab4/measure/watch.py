"""Watching for moments in which nothing else works on the core."""

from collections import defaultdict, deque
from dataclasses import dataclass, field
from time import perf_counter

from lab4.kernels.beside import Kernels, Look, beside
from lab4.sampling.contention import BLOCK, Quiet, Ratios, is_alone, level, quietest

__all__ = ["Watch"]

#: How many blocks of looks are remembered, and how many it takes to know what an undisturbed core is like.
_REMEMBERED, _KNOWN = 1_000, 2


@dataclass(slots=True)
class Watch:
    """What this process has seen of its cores, each by its number."""

    _seen: defaultdict[int, list[Kernels]] = field(default_factory=lambda: defaultdict(list))
    _blocks: defaultdict[int, deque[Quiet]] = field(
        default_factory=lambda: defaultdict(lambda: deque(maxlen=_REMEMBERED))
    )
    _levels: dict[int, float] = field(default_factory=dict)

    def learn(self) -> None:
        """Look often enough to know what undisturbed cores are like, if they were undisturbed."""
        while any(len(self._blocks[core]) < _KNOWN for core in self.look().cores):
            pass

    @property
    def levels(self) -> Ratios:
        """The contention kernel's multiple of the reference kernel's time on undisturbed cores, by what was seen."""
        begun = {core: quietest(seen) for core, seen in self._seen.items() if seen and core not in self._levels}
        return self._levels | begun

    def look(self) -> Look:
        """Look once: some 0.3 ms a core."""
        found = beside()
        for core, kernels in found.cores.items():
            seen, blocks = self._seen[core], self._blocks[core]
            seen.append(kernels)
            if len(seen) == BLOCK:
                blocks.append(Quiet.of(seen))
                seen.clear()
                self._levels[core] = level(blocks)
        return found

    def is_alone(self, look: Look) -> bool:
        """Whether nothing else worked on the cores, by all that was seen."""
        return is_alone(look.ratios, self.levels)

    def wait(self, look: Look, seconds: float) -> tuple[Look, float]:
        """Look until nothing else works on the core, for so long at most; the last look and the seconds it took.

        Without sleeping: a core that idles is slow for a while.
        """
        start = now = perf_counter()
        while not self.is_alone(look) and now - start < seconds:
            look = self.look()
            now = perf_counter()
        return look, now - start
