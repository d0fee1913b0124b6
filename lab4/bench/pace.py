"""How the time of a sweep is shared among its passes."""

from dataclasses import dataclass

__all__ = ["Pace"]

#: A turn may wait for this many times its even share of what is left: most turns need less.
_LEAD = 4.0
#: No turn waits longer than this: what has not paused until then is the machine's own speed, for this turn.
_MOST_WAIT_S = 1.0


@dataclass(frozen=True, slots=True)
class Pace:
    """``seconds`` of a whole sweep, of which each of its first ``passes`` may use an equal part."""

    seconds: float
    passes: int

    def patience_s(self, number: int, turns: int, elapsed_s: float) -> float:
        """How long a turn of pass ``number`` (from 1) may wait for an undisturbed core.

        ``turns`` are still to come in the pass, this one among them; ``elapsed_s`` is how long the sweep has lasted.
        Time that one pass leaves is the next one's, and one that took too long leaves the next less.
        """
        due_s = self.seconds * min(1.0, number / self.passes)
        return min(_MOST_WAIT_S, max(0.0, due_s - elapsed_s) * min(1.0, _LEAD / turns))

    def is_spent(self, elapsed_s: float) -> bool:
        """Whether the sweep has had its time."""
        return elapsed_s >= self.seconds
