"""A warmed-up runner: loaded once or anew."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from random import Random
from time import perf_counter_ns
from typing import Any

from lab4.bench.runtime_jobs import batch_of, load_runner
from lab4.measure.latency import warm_up
from lab4.runtimes import Runner
from lab4.runtimes.host import RunSpec

__all__ = ["WARM_AGAIN_S", "WarmedRunner", "load_anew"]

#: Warming up what was loaded anew: the process and the machine are warm already.
WARM_AGAIN_S = 0.02
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
    padding: tuple[bytearray, ...] = ()
    timed_s: float = 0.0

    @property
    def is_due(self) -> bool:
        """Whether it was timed for as long as loading it anew takes."""
        return self.timed_s >= self.cost_s


def load_anew(last: WarmedRunner) -> WarmedRunner:
    """Load the artifact of ``last`` again, at another place in memory, and warm it up."""
    random = Random()  # noqa: S311  # nothing secret: any place will do
    start = perf_counter_ns()
    # The last one is still there, so that its memory cannot be had again.
    padding = tuple(bytearray(random.randint(1, _MOST_PADDING)) for _ in range(_PADDINGS))
    runner = load_runner(last.spec)
    with runner.scope():
        inputs = runner.prepare(batch_of(last.spec))
        call = partial(runner.run, inputs)
        compute_only = runner.bind(inputs)
        warm_up(call, WARM_AGAIN_S)
        if compute_only is not None:
            warm_up(compute_only, WARM_AGAIN_S)
    cost_s = (perf_counter_ns() - start) / 1e9
    return WarmedRunner(
        last.spec,
        runner,
        call,
        compute_only,
        last.call_s,
        last.iterations,
        last.compute_only_iterations,
        cost_s,
        padding,
    )
