"""Timing calls in short stretches, with a look at the machine between them."""

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil
from random import Random
from typing import NamedTuple

from lab4.measure.latency import Budget, time_calls
from lab4.measure.watch import Watch
from lab4.sampling.contention import Ratios
from lab4.sampling.thinning import thinned

__all__ = ["Stretch", "Stretches", "time_stretches"]

#: Neighbours come and go within tens of milliseconds: a stretch is so short that most have the core to themselves
#: wholly or not at all, and so long that looking costs a twentieth of it.
_STRETCH_S = 0.005
#: Calls that are not kept, since they bring the model's weights back into the caches: after each look where a call is
#: shorter than a tenth of a stretch, after other cells' turns where it is shorter than a stretch. A longer one is so
#: much work that this is nothing beside it.
_REFRESH_CALLS = 2
_SHORT_S = _STRETCH_S / 10
_RANDOM = Random()  # noqa: S311  # which samples, not secrets


class Stretch(NamedTuple):
    """So many samples, and what was seen of the cores before and after them."""

    samples: int
    looks: tuple[Ratios, Ratios]


@dataclass(frozen=True, slots=True)
class Stretches:
    """Seconds a call, the reference kernel's least time beside them, and each stretch.

    ``timed_s`` is what all calls took that were timed, kept or not. ``levels`` are what the ratios of a stretch are on
    undisturbed cores; ``waited_s`` is how long they were waited for.
    """

    samples_s: tuple[float, ...]
    reference_s: float
    stretches: tuple[Stretch, ...]
    timed_s: float
    levels: Ratios
    waited_s: float


def time_stretches(
    call: Callable[[], object], call_s: float, budget: Budget, iterations: int, watch: Watch
) -> Stretches:
    """Time ``call`` for the budget's time, with at least its calls, while nothing else works on the core if possible.

    ``call_s`` is about what a call takes; each sample is the mean of ``iterations`` calls.
    What is measured when the budget's patience is at its end counts as well: it is what calls take on such a machine.
    Where more calls than the budget's most fit in its time, so many of them are kept, of all stretches alike: more
    would tell no quantile better, as calls of a stretch share its luck, and be most of a record.
    """
    kept = ceil(budget.max_calls * _STRETCH_S / max(budget.seconds, _STRETCH_S))
    samples: list[float] = []
    stretches: list[Stretch] = []
    waited_s, spent_s = 0.0, 0.0
    before = watch.look()
    least = before.reference_s
    while len(samples) < budget.min_calls or (spent_s < budget.seconds and len(samples) < budget.max_calls):
        before, waiting_s = watch.wait(before, budget.patience_s - waited_s)
        waited_s += waiting_s
        if call_s < (_SHORT_S if samples else _STRETCH_S):
            for _ in range(_REFRESH_CALLS):
                call()
        timed = time_calls(call, Budget(_STRETCH_S, 1), iterations).samples_s
        after = watch.look()
        found = thinned(timed, max(1, min(kept, budget.max_calls - len(samples))), _RANDOM)
        samples += found
        stretches.append(Stretch(len(found), (before.ratios, after.ratios)))
        least = min(least, before.reference_s, after.reference_s)
        spent_s += sum(timed) * iterations
        before = after
    return Stretches(tuple(samples), least, tuple(stretches), spent_s, watch.levels, waited_s)
