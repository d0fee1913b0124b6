"""How the time of a measurement session is shared among its rounds."""

from dataclasses import dataclass

__all__ = ["TimeBudget"]

#: A window may wait for this many times its even share of what is left: most windows need less.
_LEAD = 4.0
#: No window waits longer than this: a co-runner that stays longer is the machine's own speed, for this window.
_MOST_WAIT_S = 1.0


@dataclass(frozen=True, slots=True)
class TimeBudget:
    """``seconds`` of a whole session, of which each of its first ``rounds`` may use an equal part."""

    seconds: float
    rounds: int

    def wait_s(self, number: int, windows: int, elapsed_s: float) -> float:
        """How long a window of round ``number`` (from 1) may wait for an uncontended core.

        ``windows`` are still to come in the round, this one among them; ``elapsed_s`` is how long the session has
        lasted. Time that one round leaves is the next one's, and one that took too long leaves the next less.
        """
        due_s = self.seconds * min(1.0, number / self.rounds)
        return min(_MOST_WAIT_S, max(0.0, due_s - elapsed_s) * min(1.0, _LEAD / windows))

    def is_spent(self, elapsed_s: float) -> bool:
        """Whether the session has had its time."""
        return elapsed_s >= self.seconds
