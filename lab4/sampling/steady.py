"""When a runner is warm: its calls no longer become faster."""

from collections.abc import Sequence
from itertools import pairwise
from math import sqrt

from lab4.sampling.quantiles import median

#: Calls before the question can be asked: the later half must hold four values.
LEAST_CALLS = 8

_BLOCKS = 16
_Z95_ONE_SIDED = 1.6448536269514722


def is_steady(durations: Sequence[float]) -> bool:
    """Whether the later half of these calls, in order, shows no falling trend.

    The half is cut into at most 16 blocks, whose medians are compared by the Mann-Kendall test (one-sided, 5%):
    it asks for order only, so that a single slow call decides nothing. Fewer than `LEAST_CALLS` are never steady.
    """
    if len(durations) < LEAST_CALLS:
        return False
    later = durations[len(durations) // 2 :]
    count = min(_BLOCKS, len(later))
    ends = [len(later) * number // count for number in range(count + 1)]
    return not falling([median(later[start:end]) for start, end in pairwise(ends)])


def falling(values: Sequence[float]) -> bool:
    """Whether values, in order, fall: the Mann-Kendall test, one-sided at 5% (Mann, 1945), ties counted as neither."""
    score = sum(
        (later > earlier) - (later < earlier) for index, earlier in enumerate(values) for later in values[index + 1 :]
    )
    count = len(values)
    deviation = sqrt(count * (count - 1) * (2 * count + 5) / 18)
    # The 1 is the continuity correction: the score moves in steps of 2.
    return deviation > 0 and (score + 1) / deviation < -_Z95_ONE_SIDED
