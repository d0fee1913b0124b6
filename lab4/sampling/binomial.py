"""The binomial distribution: how likely so many successes are by chance."""

from math import comb, exp, lgamma, log, log1p

#: Up to here the terms are exact; beyond, by logarithms, to about 1e-12.
_EXACT = 60
_STEPS = 100


def tail(successes: int, total: int, probability: float = 0.5) -> float:
    """Probability of so many successes or more of ``total``, each with ``probability`` (above 0 and below 1)."""
    if successes <= 0:
        return 1.0
    return min(1.0, sum(_term(each, total, probability) for each in range(successes, total + 1)))


def upper(successes: int, total: int, confidence: float = 0.95) -> float:
    """The largest probability that so few successes of ``total`` do not contradict (Clopper and Pearson, 1934).

    One-sided: of 10 trials without a success, at most 0.26.
    """
    if successes >= total:
        return 1.0
    low, high = 0.0, 1.0
    for _ in range(_STEPS):
        middle = (low + high) / 2
        # So few or fewer: what is left of so many more.
        low, high = (middle, high) if 1 - tail(successes + 1, total, middle) > 1 - confidence else (low, middle)
    return high


def _term(successes: int, total: int, probability: float) -> float:
    if total <= _EXACT:
        return float(comb(total, successes) * probability**successes * (1 - probability) ** (total - successes))
    ways = lgamma(total + 1) - lgamma(successes + 1) - lgamma(total - successes + 1)
    return exp(ways + successes * log(probability) + (total - successes) * log1p(-probability))
