"""Watching for moments in which nothing else works on the core."""

from collections import deque
from dataclasses import dataclass, field
from time import perf_counter

from lab4.kernels.beside import Look, beside
from lab4.sampling.contention import BLOCK, is_alone, quietest

__all__ = ["Watch"]

#: How many blocks of looks are remembered, and how many looks it takes to know what an undisturbed core is like.
_REMEMBERED, _KNOWN = 1_000, 2 * BLOCK


@dataclass(slots=True)
class Watch:
    """What this process has seen of its cores."""

    _seen: list[float] = field(default_factory=list)
    _levels: deque[float] = field(default_factory=lambda: deque(maxlen=_REMEMBERED))

    def learn(self) -> None:
        """Look often enough to know what an undisturbed core is like, if there was one."""
        while len(self._levels) * BLOCK < _KNOWN:
            self.look()

    @property
    def level(self) -> float:
        """What the contention kernel takes beside the reference kernel on an undisturbed core, by all that was seen."""
        return min(self._levels, default=0.0) or quietest(self._seen)

    def look(self) -> Look:
        """Look once: some 0.3 ms a core."""
        found = beside()
        self._seen.append(found.contention)
        if len(self._seen) == BLOCK:
            self._levels.append(quietest(self._seen))
            self._seen.clear()
        return found

    def is_alone(self, look: Look) -> bool:
        """Whether nothing else worked on the core, by all that was seen."""
        return is_alone(look.contention / self.level)

    def wait(self, look: Look, seconds: float) -> tuple[Look, float]:
        """Look until nothing else works on the core, for so long at most; the last look and the seconds it took.

        Without sleeping: a core that idles is slow for a while.
        """
        start = now = perf_counter()
        while not self.is_alone(look) and now - start < seconds:
            look = self.look()
            now = perf_counter()
        return look, now - start
