"""Timing calls in short bursts, with a probe of the machine between them, while the cores have no co-runner."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import ceil
from random import Random
from time import perf_counter
from typing import TypeVar

from lab4.domain.rounds import Burst
from lab4.domain.timing import TimingBudget
from lab4.kernels import Probe, probe
from lab4.measure.core_waits import CoreWaits
from lab4.measure.cores import usable
from lab4.measure.latency import time_calls
from lab4.sampling.contention import CoreProbes, Ratios, is_uncontended

Sample = TypeVar("Sample")

#: Co-runners come and go within tens of milliseconds: a burst is so short that most are uncontended wholly or not at
#: all, and so long that probing costs a twentieth of it.
_BURST_S = 0.005
#: Calls that are not kept, since they bring the model's weights back into the caches: after each probe where a call is
#: shorter than a tenth of a burst, after other cells' windows where it is shorter than a burst. A longer one is so
#: much work that this does not count.
_REFRESH_CALLS = 2
_SHORT_S = _BURST_S / 10
_RANDOM = Random()  # noqa: S311  # which samples, not secrets


@dataclass(slots=True)
class ContentionMonitor:
    """What this process has seen of its cores, each by its number."""

    _cores: defaultdict[int, CoreProbes] = field(default_factory=lambda: defaultdict(CoreProbes))

    def learn(self) -> None:
        """Probe often enough to know what uncontended cores are like, if they were uncontended."""
        while not all(self._cores[core].is_known for core in self.probe().cores):
            pass

    @property
    def uncontended_ratios(self) -> Ratios:
        """The contention probe's multiple of the frequency probe's time on uncontended cores, by what was seen."""
        return {core: seen.uncontended_ratio for core, seen in self._cores.items()}

    def probe(self) -> Probe:
        """Probe once: some 0.3 ms per core."""
        result = probe()
        for core, times in result.cores.items():
            self._cores[core].add(times)
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


NO_BURSTS = Bursts((), 0.0, (), 0.0, {}, 0.0)

#: Times calls for so many seconds after a number of calls that do not count: seconds per call, one of them at least.
TimeBurst = Callable[[float, int], Sequence[float]]


def of_calls(call: Callable[[], object], iterations: int) -> TimeBurst:
    """What times ``call`` in this process; each sample is the mean of ``iterations`` calls."""

    def burst(seconds: float, uncounted: int) -> Sequence[float]:
        for _ in range(uncounted):
            call()
        return time_calls(call, TimingBudget(seconds, 1), iterations)

    return burst


def time_bursts(  # noqa: PLR0913  # what is timed, for how long, after what, and what watches it
    burst: TimeBurst,
    call_s: float,
    budget: TimingBudget,
    iterations: int,
    monitor: ContentionMonitor,
    *,
    waits: CoreWaits,
    continues: bool = False,
) -> Bursts:
    """Time bursts for the budget's time, with at least its calls, while the core has no co-runner if possible.

    ``call_s`` is about what a call takes; each sample is the mean of ``iterations`` calls. ``waits`` watches the
    process that makes them, whose threads may wait for a core.
    Where this ``continues`` other bursts of the same model, no other cell's window was between.
    What is measured when the wait budget is spent counts as well: it is what calls take on such a machine.
    Where more calls fit in the budget's time than it keeps, those kept are spread over all bursts: more would make
    no quantile more precise, as calls of a burst share its luck, and would be most of a record.
    """
    burst_s = min(_BURST_S, budget.seconds)
    # What calls take is less than a burst: by that alone a window would have one more than fit in its time.
    fitting = max(1, round(budget.seconds / burst_s)) if burst_s else 1
    kept = ceil(budget.max_calls * _BURST_S / max(budget.seconds, _BURST_S))
    samples: list[float] = []
    bursts: list[Burst] = []
    waited_s, spent_s = 0.0, 0.0
    before = monitor.probe()
    least = before.frequency_s
    cores = usable()
    while len(samples) < budget.min_calls or (
        len(bursts) < fitting and spent_s < budget.seconds and len(samples) < budget.max_calls
    ):
        before, waiting_s = monitor.wait(before, budget.wait_s - waited_s)
        waited_s += waiting_s
        start = waits.times()
        timed = burst(burst_s, _REFRESH_CALLS if call_s < (_SHORT_S if samples or continues else _BURST_S) else 0)
        lost = waits.times().lost_since(start, cores)
        after = monitor.probe()
        found = thinned(timed, max(1, min(kept, budget.max_calls - len(samples))), _RANDOM)
        samples += found
        bursts.append(Burst(len(found), (before.ratios, after.ratios), lost))
        least = min(least, before.frequency_s, after.frequency_s)
        spent_s += sum(timed) * iterations
        before = after
    return Bursts(tuple(samples), least, tuple(bursts), spent_s, monitor.uncontended_ratios, waited_s)


def thinned(samples: Sequence[Sample], most: int, random: Random) -> Sequence[Sample]:
    """At most ``most`` samples in their order, one of every so many: which one, chance says.

    So they are spread as all are, and what comes in a rhythm (every tenth call is slow) keeps its share.
    """
    step = ceil(len(samples) / most)
    if step <= 1:
        return samples
    last = len(samples) - 1
    return [samples[min(start + random.randrange(step), last)] for start in range(0, len(samples), step)]
