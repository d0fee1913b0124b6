"""Watching for moments in which nothing else works on the core."""

from collections import deque
from dataclasses import dataclass, field
from time import perf_counter

from lab4.kernels.beside import Look, beside
from lab4.sampling.contention import is_alone, quietest

__all__ = ["Watch"]

#: Looks that are remembered, and how many it takes to know what an undisturbed core is like.
_REMEMBERED, _KNOWN = 500, 20


@dataclass(slots=True)
class Watch:
    """What this process has seen of its cores."""

    _seen: deque[float] = field(default_factory=lambda: deque(maxlen=_REMEMBERED))

    def learn(self) -> None:
        """Look often enough to know what an undisturbed core is like."""
        while len(self._seen) < _KNOWN:
            self.look()

    def look(self) -> Look:
        """Look once: some 0.3 ms a core."""
        found = beside()
        self._seen.append(found.contention)
        return found

    def is_alone(self, look: Look) -> bool:
        """Whether nothing else worked on the core, by all that was seen."""
        return is_alone(look.contention / quietest(self._seen))

    def wait(self, look: Look, seconds: float) -> tuple[Look, float]:
        """Look until nothing else works on the core, for so long at most; the last look and the seconds it took.

        Without sleeping: a core that idles is slow for a while.
        """
        start = now = perf_counter()
        while not self.is_alone(look) and now - start < seconds:
            look = self.look()
            now = perf_counter()
        return look, now - start
