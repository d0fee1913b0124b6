"""A runner ready to be timed: loaded once or anew."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from random import Random
from time import perf_counter_ns
from typing import Any

import numpy as np

from lab4.bench.runtime_jobs import load_runner, validation_images
from lab4.bench.specs import RunSpec
from lab4.measure.warmup import warm_up
from lab4.runtimes import Runner

__all__ = ["WARM_AGAIN_S", "Loaded", "batch_of", "load_anew"]

#: Warming up what was loaded anew: the process and the machine are warm already.
WARM_AGAIN_S = 0.02
#: Pieces of memory taken before an artifact is loaded anew, and their largest size in bytes.
_PADDINGS, _MOST_PADDING = 8, 16_384


@dataclass(slots=True)
class Loaded:
    """A runner ready to be timed.

    ``call_s`` is about what a call takes, ``cost_s`` what loading and warming it up took, ``timed_s`` for how long it
    has been timed. ``padding`` is memory of random size that was taken before it, so that its own lies elsewhere than
    the one's before.
    """

    runner: Runner
    call: Callable[[], Any]
    alone: Callable[[], Any] | None
    call_s: float
    iterations: int
    alone_iterations: int
    cost_s: float
    padding: tuple[bytearray, ...] = ()
    timed_s: float = 0.0

    @property
    def is_due(self) -> bool:
        """Whether it was timed for as long as loading it anew takes."""
        return self.timed_s >= self.cost_s


def batch_of(spec: RunSpec) -> Any:  # noqa: ANN401
    """One batch of validation images; where there are fewer, some stand in it twice."""
    images = validation_images(spec.dataset.path)
    return np.resize(images, (spec.batch_size, *images.shape[1:]))


def load_anew(spec: RunSpec, last: Loaded) -> Loaded:
    """Load the artifact of ``last`` again, at another place in memory, and warm it up."""
    random = Random()  # noqa: S311  # nothing secret: any place will do
    start = perf_counter_ns()
    # The last one is still there, so that its memory cannot be had again.
    padding = tuple(bytearray(random.randint(1, _MOST_PADDING)) for _ in range(_PADDINGS))
    runner = load_runner(spec, spec.batch_size)
    with runner.scope():
        inputs = runner.prepare(batch_of(spec))
        call = partial(runner.run, inputs)
        alone = runner.bind(inputs)
        warm_up(call, WARM_AGAIN_S)
        if alone is not None:
            warm_up(alone, WARM_AGAIN_S)
    cost_s = (perf_counter_ns() - start) / 1e9
    return Loaded(runner, call, alone, last.call_s, last.iterations, last.alone_iterations, cost_s, padding)
