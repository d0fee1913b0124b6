"""Which of many findings to believe, so that few of those believed are chance."""

from collections.abc import Sequence

__all__ = ["believed"]


def believed(chances: Sequence[float], weights: Sequence[float], rate: float) -> tuple[list[bool], float]:
    """Tell which hypotheses are rejected, and the chance that one of weight 1 had to stay under.

    Benjamini and Hochberg (1995) with the weights of Genovese, Roeder and Wasserman (2006), which are scaled to a
    mean of 1: of those believed a share of at most ``rate`` is false on average, and where nothing changed at all
    the probability of believing anything is at most ``rate``. Holds for findings that depend on each other
    positively, as those of one machine do.
    """
    if not chances:
        return [], rate
    mean = sum(weights) / len(weights)
    weighted = [chance * mean / weight for chance, weight in zip(chances, weights, strict=True)]
    last = 0
    for rank, chance in enumerate(sorted(weighted), 1):
        if chance <= rate * rank / len(weighted):
            last = rank
    limit = rate * last / len(weighted)
    # What one more would have needed is what a reader may take as the threshold.
    return [last > 0 and chance <= limit for chance in weighted], rate * (last + 1) / len(weighted) / mean
