"""What the process of a runtime does for latency: warm a runner up and keep it, time a window of its calls when asked.

Each function runs in that process; its arguments and results cross a pipe. Runners stay loaded between windows, so
that the cells of a run can take turns.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from functools import partial
from math import ceil
from time import perf_counter_ns
from typing import Any

from lab4.bench.loaded import WARM_AGAIN_S, Loaded, batch_of, load_anew
from lab4.bench.runtime_jobs import agreement_of, load_runner, validation_images
from lab4.bench.specs import RunSpec
from lab4.domain.observed import Agreement
from lab4.domain.rounds import TimingWindow, WarmRunner
from lab4.kernels.timed import without_gc
from lab4.measure.accuracy import predict_all
from lab4.measure.bursts import Bursts, time_bursts
from lab4.measure.clock import iterations_for
from lab4.measure.cores import held_on_cores, let_go
from lab4.measure.disturbance import difference, snapshot
from lab4.measure.latency import Budget, time_call, time_calls
from lab4.measure.synchrony import check_synchronous
from lab4.measure.warmup import warm_up
from lab4.measure.watch import Watch
from lab4.runtimes import Runner

__all__ = ["loaded_call", "open_cell", "time_contiguously", "time_window"]

#: Calls and images compared with the original's outputs before a latency is believed, whichever is reached first:
#: ``predict`` needs 40 ms a call. The whole validation set is compared where an artifact is examined.
_CHECKED_CALLS, _CHECKED_IMAGES = 3, 32
#: Of a window's time, what compute-only calls are given.
_ALONE_SHARE = 0.25


_LOADED: dict[RunSpec, Loaded] = {}
_WATCH = Watch()


def open_cell(spec: RunSpec, warmup_s: float) -> WarmRunner:
    """Load, call for the first time, warm up, check that calls are synchronous and outputs right; keep the runner."""
    with held_on_cores(spec.calling_threads) as cores:
        _WATCH.learn()
        return _open(spec, warmup_s, cores)


def _open(spec: RunSpec, warmup_s: float, cores: tuple[int, ...] | None) -> WarmRunner:
    batch = batch_of(spec)
    start = perf_counter_ns()
    runner = load_runner(spec, spec.batch_size)
    load_s = (perf_counter_ns() - start) / 1e9
    with runner.scope():
        inputs = runner.prepare(batch)
        first_call_s = time_call(lambda: runner.run(inputs))
        # A partial costs less than a lambda: 60 ns are 2% of the shortest cells.
        call = partial(runner.run, inputs)
        warmup, call_s = warm_up(call, warmup_s)
        check_synchronous(call, runner.settle, call_s)
        alone, alone_s = _alone(runner, inputs, warmup_s)
        agreed = _agreement(runner, spec)
    cost_s = load_s + first_call_s + min(WARM_AGAIN_S, warmup.seconds or 0.0)
    loaded = Loaded(runner, call, alone, call_s, iterations_for(call_s), iterations_for(alone_s), cost_s)
    _LOADED[spec] = loaded
    return WarmRunner(
        load_s,
        first_call_s,
        warmup,
        agreed,
        runner.threads,
        cores,
        runner.clock,
        runner.alone_clock,
        loaded.iterations,
        loaded.alone_iterations,
    )


def _alone(runner: Runner, inputs: Any, warmup_s: float) -> tuple[Callable[[], Any] | None, float]:  # noqa: ANN401
    alone = runner.bind(inputs)
    if alone is None:
        return None, 1.0
    _, alone_s = warm_up(alone, warmup_s / 4)
    check_synchronous(alone, runner.settle, alone_s)
    return alone, alone_s


def _agreement(runner: Runner, spec: RunSpec) -> Agreement:
    images = validation_images(spec.dataset.path)
    calls = min(_CHECKED_CALLS, ceil(_CHECKED_IMAGES / spec.batch_size))
    count = min(len(images), calls * spec.batch_size)
    return agreement_of(spec, predict_all(runner, images[:count], spec.batch_size))


def time_window(spec: RunSpec, budget: Budget, iterations: tuple[int, int] | None = None) -> TimingWindow:
    """Time calls of an opened cell for a while; one that this process has not opened, as after a crash, is opened.

    ``iterations`` are those of its samples so far, with copies and alone, which all have in common.

    The artifact is loaded anew whenever it has been timed for as long as that takes: where its memory lies decides over
    1 to 3% of the shortest cells, so that one load would measure its luck.
    """
    reopened = spec not in _LOADED
    if reopened:
        open_cell(spec, budget.seconds)
        if iterations is not None:
            _LOADED[spec].iterations, _LOADED[spec].alone_iterations = iterations
    with held_on_cores(spec.calling_threads), without_gc():
        fresh = reopened or _LOADED[spec].is_due
        if fresh and not reopened:
            _LOADED[spec] = load_anew(spec, _LOADED[spec])
        return _time(_LOADED[spec], budget, fresh=fresh)


def _time(loaded: Loaded, budget: Budget, *, fresh: bool) -> TimingWindow:
    with loaded.runner.scope():
        start = snapshot()
        found = time_bursts(loaded.call, loaded.call_s, budget, loaded.iterations, _WATCH)
        alone = _time_alone(loaded, replace(budget, wait_s=budget.wait_s - found.waited_s))
        disturbance = difference(start, snapshot())
    loaded.timed_s += found.timed_s
    return TimingWindow(
        found.samples_s,
        () if alone is None else alone.samples_s,
        found.reference_s,
        found.bursts,
        found.uncontended,
        disturbance,
        fresh,
        () if alone is None else alone.bursts,
    )


def loaded_call(spec: RunSpec) -> tuple[Callable[[], Any], Callable[[], AbstractContextManager[object]]]:
    """The call of an opened cell, and what must be entered around it; a cell that is not open is opened."""
    if spec not in _LOADED:
        open_cell(spec, 0.0)
    loaded = _LOADED[spec]
    return loaded.call, loaded.runner.scope


def time_contiguously(spec: RunSpec, seconds: float) -> tuple[float, ...]:
    """Seconds a call of one contiguous burst under pytest-benchmark's own rules: what a plain benchmark would do.

    Warm-up is left out, as pytest-benchmark does by default, and no core is chosen; the harness compares with it.
    """
    with let_go():
        _open(spec, 0.0, None)
        loaded = _LOADED[spec]
        with loaded.runner.scope():
            timing = time_calls(loaded.call, Budget(seconds, 5, 10**6), loaded.iterations)
    return timing.samples_s


def _time_alone(loaded: Loaded, budget: Budget) -> Bursts | None:
    if loaded.alone is None:
        return None
    least = max(1, budget.min_calls // 2)
    most = max(least, int(budget.max_calls * _ALONE_SHARE))
    share = replace(budget, seconds=budget.seconds * _ALONE_SHARE, min_calls=least, max_calls=most)
    return time_bursts(loaded.alone, loaded.call_s, share, loaded.alone_iterations, _WATCH)
