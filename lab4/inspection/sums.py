"""Sums of operators by type and of constants by dtype."""

from collections import Counter
from collections.abc import Iterable

from lab4.domain.inspected import Operator, Weights


def operators_of(used: Iterable[tuple[str, int | None]]) -> tuple[Operator, ...]:
    """Sum operators by type, those that multiply most first, then the most frequent.

    >>> operators_of([("Conv", 10), ("Relu", 0), ("Conv", 5)])
    (Operator(type='Conv', count=2, macs=15), Operator(type='Relu', count=1, macs=0))
    """
    counts: Counter[str] = Counter()
    macs: dict[str, int | None] = {}
    for kind, count in used:
        counts[kind] += 1
        so_far = macs.get(kind, 0)
        macs[kind] = None if so_far is None or count is None else so_far + count
    found = [Operator(kind, number, macs[kind]) for kind, number in counts.items()]
    return tuple(sorted(found, key=lambda each: (each.macs is not None, -(each.macs or 0), -each.count, each.type)))


def weights_of(used: Iterable[tuple[str, int, int]]) -> tuple[Weights, ...]:
    """Sum constants, each a dtype, a number of values and of bytes, by dtype; those of most bytes first."""
    values: Counter[str] = Counter()
    sizes: Counter[str] = Counter()
    for dtype, count, size in used:
        values[dtype] += count
        sizes[dtype] += size
    found = [Weights(dtype, values[dtype], sizes[dtype]) for dtype in values]
    return tuple(sorted(found, key=lambda each: (-each.bytes, each.dtype)))
