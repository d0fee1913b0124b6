"""Fewer of many samples."""

from collections.abc import Sequence
from math import ceil
from random import Random
from typing import TypeVar

__all__ = ["thinned"]

Sample = TypeVar("Sample")


def thinned(samples: Sequence[Sample], most: int, random: Random) -> Sequence[Sample]:
    """At most ``most`` samples in their order, one of every so many: which one, chance says.

    So they are spread as all are, and what comes in a rhythm (every tenth call is slow) keeps its share.
    """
    step = ceil(len(samples) / most)
    if step <= 1:
        return samples
    last = len(samples) - 1
    return [samples[min(start + random.randrange(step), last)] for start in range(0, len(samples), step)]
