"""Control of the false discovery rate over all cells and figures."""

from collections.abc import Sequence

__all__ = ["rejected"]


def rejected(p_values: Sequence[float], weights: Sequence[float], rate: float) -> tuple[list[bool], float]:
    """Return which hypotheses are rejected, and the p-value that one more of weight 1 would have needed.

    Benjamini and Hochberg (1995) with the weights of Genovese, Roeder and Wasserman (2006), which are scaled to a
    mean of 1. At most a share of ``rate`` of the rejections is false on average; where nothing changed at all, the
    probability of any rejection is at most ``rate``. It holds for positively dependent tests, such as those of one
    machine.
    """
    if not p_values:
        return [], rate
    mean = sum(weights) / len(weights)
    weighted = [p_value * mean / weight for p_value, weight in zip(p_values, weights, strict=True)]
    last = 0
    for rank, p_value in enumerate(sorted(weighted), 1):
        if p_value <= rate * rank / len(weighted):
            last = rank
    limit = rate * last / len(weighted)
    # What one more rejection would have needed is what a reader may take as the threshold.
    return [last > 0 and p_value <= limit for p_value in weighted], rate * (last + 1) / len(weighted) / mean
