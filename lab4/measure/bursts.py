"""Timing calls in short bursts, with a probe of the machine between them."""

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil
from random import Random

from lab4.domain.rounds import Burst
from lab4.domain.timing import TimingBudget
from lab4.measure.contention_monitor import ContentionMonitor
from lab4.measure.latency import time_calls
from lab4.sampling.contention import Ratios
from lab4.sampling.thinning import thinned

__all__ = ["Bursts", "time_bursts"]

#: Co-runners come and go within tens of milliseconds: a burst is so short that most are uncontended wholly or not at
#: all, and so long that probing costs a twentieth of it.
_BURST_S = 0.005
#: Calls that are not kept, since they bring the model's weights back into the caches: after each probe where a call is
#: shorter than a tenth of a burst, after other cells' windows where it is shorter than a burst. A longer one is so
#: much work that this does not count.
_REFRESH_CALLS = 2
_SHORT_S = _BURST_S / 10
_RANDOM = Random()  # noqa: S311  # which samples, not secrets


@dataclass(frozen=True, slots=True)
class Bursts:
    """Seconds per call, the frequency probe's least time meanwhile, and each burst.

    ``timed_s`` is what all calls took that were timed, kept or not. ``uncontended`` are the ratios of probes on cores
    without co-runners; ``waited_s`` is how long they were waited for.
    """

    samples_s: tuple[float, ...]
    probe_s: float
    bursts: tuple[Burst, ...]
    timed_s: float
    uncontended: Ratios
    waited_s: float


def time_bursts(
    call: Callable[[], object], call_s: float, budget: TimingBudget, iterations: int, monitor: ContentionMonitor
) -> Bursts:
    """Time ``call`` for the budget's time, with at least its calls, while the core has no co-runner if possible.

    ``call_s`` is about what a call takes; each sample is the mean of ``iterations`` calls.
    What is measured when the wait budget is spent counts as well: it is what calls take on such a machine.
    Where more calls fit in the budget's time than it keeps, those kept are spread over all bursts: more would make
    no quantile more precise, as calls of a burst share its luck, and would be most of a record.
    """
    kept = ceil(budget.max_calls * _BURST_S / max(budget.seconds, _BURST_S))
    samples: list[float] = []
    bursts: list[Burst] = []
    waited_s, spent_s = 0.0, 0.0
    before = monitor.probe()
    least = before.frequency_s
    while len(samples) < budget.min_calls or (spent_s < budget.seconds and len(samples) < budget.max_calls):
        before, waiting_s = monitor.wait(before, budget.wait_s - waited_s)
        waited_s += waiting_s
        if call_s < (_SHORT_S if samples else _BURST_S):
            for _ in range(_REFRESH_CALLS):
                call()
        timed = time_calls(call, TimingBudget(_BURST_S, 1), iterations).samples_s
        after = monitor.probe()
        found = thinned(timed, max(1, min(kept, budget.max_calls - len(samples))), _RANDOM)
        samples += found
        bursts.append(Burst(len(found), (before.ratios, after.ratios)))
        least = min(least, before.frequency_s, after.frequency_s)
        spent_s += sum(timed) * iterations
        before = after
    return Bursts(tuple(samples), least, tuple(bursts), spent_s, monitor.uncontended_ratios, waited_s)
