"""How long calls are timed."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TimingBudget:
    """How long calls are timed: for ``seconds``, but at least ``min_calls`` and at most ``max_calls`` samples.

    ``wait_s`` is how long timing may wait, in all, for an uncontended core.
    """

    seconds: float
    min_calls: int = 10
    max_calls: int = 5_000
    wait_s: float = 0.0
