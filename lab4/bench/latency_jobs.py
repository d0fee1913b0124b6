"""What the process of a Python runtime does with runners that it keeps: warm them up, time and meter their calls.

Each function runs in that process; its arguments and results cross a pipe. Runners stay loaded between windows, so
that the cells of a run can take turns.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache, partial
from itertools import count
from random import Random
from time import perf_counter_ns
from typing import Any

from lab4.bench.runtime_jobs import call_of, load_runner, predict_all
from lab4.domain.errors import UnavailableError
from lab4.domain.observed import Counters, Energy
from lab4.domain.outcome import Unavailable
from lab4.domain.rounds import TimingWindow
from lab4.domain.timing import COMPUTE_ONLY_SHARE, TimingBudget
from lab4.domain.untyped import Untyped
from lab4.inputs import examples_in
from lab4.kernels import without_gc
from lab4.measure.bursts import NO_BURSTS, Bursts, ContentionMonitor, of_calls, time_bursts
from lab4.measure.core_waits import CoreWaits, core_waits
from lab4.measure.cores import pinned
from lab4.measure.counters import open_counters
from lab4.measure.energy import energy_meters, measure_energy
from lab4.measure.latency import check_synchronous, iterations_for, time_call, time_calls, warm_up
from lab4.measure.system_activity import difference, snapshot
from lab4.runtimes import Runner
from lab4.runtimes.host import Handle, Opened, RunSpec

#: NVML renews its figure every 20 to 100 ms, RAPL every millisecond.
_ENERGY_BUDGET = TimingBudget(seconds=1.0, min_calls=10, max_calls=10**6)
_COUNTED_CALLS = 20

#: Warming up what was loaded anew: the process and the machine are warm already.
_WARM_AGAIN_S = 0.02
#: Pieces of memory taken before an artifact is loaded anew, and their largest size in bytes.
_PADDINGS, _MOST_PADDING = 8, 16_384


@dataclass(slots=True)
class WarmedRunner:
    """A runner that is ready to be timed.

    ``call_s`` is about what a call takes, ``cost_s`` what loading and warming it up took, ``timed_s`` for how long it
    has been timed. ``padding`` is memory of random size that was taken before it, so that its own lies elsewhere than
    that of the one before.
    """

    spec: RunSpec
    runner: Runner
    call: Callable[[], Any]
    compute_only: Callable[[], Any] | None
    call_s: float
    iterations: int
    compute_only_iterations: int
    cost_s: float
    compute_only_s: float
    padding: tuple[bytearray, ...] = ()
    timed_s: float = 0.0


#: Those that are open, by their numbers.
RUNNERS: dict[int, WarmedRunner] = {}
_NUMBERS = count(1)
_MONITOR = ContentionMonitor()
_meters = cache(energy_meters)


def open_runner(
    spec: RunSpec, warmup_s: float, checked: int, iterations: tuple[int, int] | None, generation: int
) -> Opened:
    """Load, call for the first time, warm up, check that calls are synchronous; keep the runner.

    The arguments are those of `RuntimeHost.open`; ``generation`` is of this process.
    """
    call_inputs = call_of(spec)
    with pinned(spec.calling_threads) as cores:
        _MONITOR.learn()
        start = perf_counter_ns()
        runner = load_runner(spec)
        load_s = (perf_counter_ns() - start) / 1e9
        with runner.scope():
            inputs = runner.prepare(call_inputs)
            first_call_s = time_call(lambda: runner.run(inputs))
            # A partial costs less than a lambda: 60 ns are 2% of the shortest cells.
            call = partial(runner.run, inputs)
            warmup, call_s = warm_up(call, warmup_s)
            check_synchronous(call, runner.settle, call_s)
            compute_only, compute_only_s = _compute_only(spec, runner, inputs, warmup_s)
            outputs = predict_all(runner, examples_in(spec.examples), spec.batch_size, checked)
    cost_s = load_s + first_call_s + min(_WARM_AGAIN_S, warmup.seconds or 0.0)
    each, compute_only_each = iterations or (iterations_for(call_s), iterations_for(compute_only_s))
    handle = Handle(spec, next(_NUMBERS), generation)
    RUNNERS[handle.number] = WarmedRunner(
        spec, runner, call, compute_only, call_s, each, compute_only_each, cost_s, compute_only_s
    )
    clocks = runner.clock, runner.compute_only_clock
    return Opened(
        handle, load_s, first_call_s, warmup, runner.threads, cores, *clocks, each, compute_only_each, outputs
    )


def compute_only_call(spec: RunSpec, runner: Runner, inputs: Untyped) -> Callable[[], Any] | None:
    """The call without copies, where that is asked for and the runtime separates them."""
    return runner.bind(inputs) if spec.compute_only else None


def _compute_only(
    spec: RunSpec, runner: Runner, inputs: Untyped, warmup_s: float
) -> tuple[Callable[[], Any] | None, float]:
    call = compute_only_call(spec, runner, inputs)
    if call is None:
        return None, 1.0
    _, call_s = warm_up(call, warmup_s * COMPUTE_ONLY_SHARE)
    check_synchronous(call, runner.settle, call_s)
    return call, call_s


def time_window(number: int, budget: TimingBudget) -> TimingWindow:
    """Time calls of an opened runner for a while.

    The artifact is loaded anew whenever it has been timed for as long as that takes: where its memory lies decides over
    1 to 3% of the shortest cells, so that one load would measure its luck.
    """
    warmed = RUNNERS[number]
    with pinned(warmed.spec.calling_threads), without_gc():
        fresh = warmed.timed_s >= warmed.cost_s
        if fresh:
            warmed = RUNNERS[number] = _load_anew(warmed)
        with warmed.runner.scope(), core_waits(os.getpid()) as waits:
            start = snapshot()
            burst = of_calls(warmed.call, warmed.iterations)
            calls = time_bursts(burst, warmed.call_s, budget, warmed.iterations, _MONITOR, waits=waits)
            left = replace(budget, wait_s=budget.wait_s - calls.waited_s)
            compute_only = _time_compute_only(warmed, left, waits)
            activity = difference(start, snapshot())
    warmed.timed_s += calls.timed_s
    seconds = calls.samples_s, compute_only.samples_s
    return TimingWindow(*seconds, calls.probe_s, calls.bursts, calls.uncontended, activity, fresh, compute_only.bursts)


def _load_anew(last: WarmedRunner) -> WarmedRunner:
    """Load the artifact of ``last`` again, at another place in memory, and warm it up."""
    random = Random()  # noqa: S311  # nothing secret: any place will do
    start = perf_counter_ns()
    # The last one is still there, so that its memory cannot be had again.
    padding = tuple(bytearray(random.randint(1, _MOST_PADDING)) for _ in range(_PADDINGS))
    runner = load_runner(last.spec)
    with runner.scope():
        inputs = runner.prepare(call_of(last.spec))
        call = partial(runner.run, inputs)
        compute_only = compute_only_call(last.spec, runner, inputs)
        warm_up(call, _WARM_AGAIN_S)
        if compute_only is not None:
            warm_up(compute_only, _WARM_AGAIN_S * COMPUTE_ONLY_SHARE)
    cost_s = (perf_counter_ns() - start) / 1e9
    return replace(
        last, runner=runner, call=call, compute_only=compute_only, cost_s=cost_s, padding=padding, timed_s=0.0
    )


def _time_compute_only(warmed: WarmedRunner, budget: TimingBudget, waits: CoreWaits) -> Bursts:
    if warmed.compute_only is None:
        return NO_BURSTS
    each = warmed.compute_only_iterations
    burst, own = of_calls(warmed.compute_only, each), budget.of_compute_only
    return time_bursts(burst, warmed.compute_only_s, own, each, _MONITOR, waits=waits, continues=True)


def close_runner(number: int) -> None:
    """Forget an opened runner, and so free its memory."""
    del RUNNERS[number]


def energy_of(number: int) -> Energy:
    """Joules of calls of an opened runner, for about a second, of all meters.

    Raises `UnavailableError` with the reason of each kind of meter, where there is none.
    """
    found = _meters()
    if not found.meters:
        raise UnavailableError("; ".join(f"{kind}: {reason}" for kind, reason in found.missing.items()))
    samples: list[float] = []
    warmed = RUNNERS[number]

    with pinned(warmed.spec.calling_threads), warmed.runner.scope():
        joules = measure_energy(lambda: samples.extend(time_calls(warmed.call, _ENERGY_BUDGET)), found.meters)
    return Energy(joules, len(samples), sum(samples))


def counted(number: int) -> Counters:
    """Events of the processor in calls of an opened runner; raises `UnavailableError` where they are not to be had."""
    warmed = RUNNERS[number]
    counters = open_counters()
    if isinstance(counters, Unavailable):
        raise UnavailableError(counters.reason)
    with pinned(warmed.spec.calling_threads), warmed.runner.scope(), counters:
        for _ in range(_COUNTED_CALLS):
            warmed.call()
        counts = counters.read()
    return Counters(counts, _COUNTED_CALLS)
