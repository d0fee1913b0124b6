"""How long calls are timed."""

from dataclasses import dataclass, replace

#: Of the time of a window or a warm-up, what compute-only calls are given.
COMPUTE_ONLY_SHARE = 0.25


@dataclass(frozen=True, slots=True)
class TimingBudget:
    """How long calls are timed: for ``seconds``, but at least ``min_calls`` and at most ``max_calls`` samples.

    ``wait_s`` is how long timing may wait, in all, for an uncontended core.
    """

    seconds: float
    min_calls: int = 10
    max_calls: int = 5_000
    wait_s: float = 0.0

    @property
    def of_compute_only(self) -> "TimingBudget":
        """What compute-only calls are given where other calls are given this."""
        least = max(1, self.min_calls // 2)
        most = max(least, int(self.max_calls * COMPUTE_ONLY_SHARE))
        return replace(self, seconds=self.seconds * COMPUTE_ONLY_SHARE, min_calls=least, max_calls=most)
