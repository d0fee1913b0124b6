"""Shares of examples, and differences of shares on the same examples, with their intervals."""

from collections.abc import Sequence
from math import sqrt

from lab4.analysis.tables import Quantity

__all__ = ["paired_loss", "wilson"]

#: The two-sided 95% point of the normal distribution.
_Z95 = 1.959963984540054


def wilson(successes: int, total: int) -> Quantity:
    """Return the fraction of successes with its 95% interval (Wilson, 1927); ``total`` is at least 1."""
    share = successes / total
    shrink = 1 + _Z95**2 / total
    centre = (share + _Z95**2 / (2 * total)) / shrink
    margin = _Z95 / shrink * sqrt(share * (1 - share) / total + _Z95**2 / (4 * total**2))
    return Quantity(share, max(0.0, min(share, centre - margin)), min(1.0, max(share, centre + margin)))


def paired_loss(original: Sequence[bool], other: Sequence[bool]) -> Quantity:
    """Return the accuracy lost from ``original`` to ``other`` on the same examples, with its 95% interval.

    Only examples on which the two differ say anything, which makes the interval much narrower than that of
    either accuracy (Bonett and Price, 2012).
    """
    total = len(original)
    lost = sum(1 for a, b in zip(original, other, strict=True) if a and not b)
    won = sum(1 for a, b in zip(original, other, strict=True) if b and not a)
    p_lost, p_won = (lost + 1) / (total + 2), (won + 1) / (total + 2)
    margin = _Z95 * sqrt((p_lost + p_won - (p_lost - p_won) ** 2) / (total + 2))
    value, centre = (lost - won) / total, p_lost - p_won
    return Quantity(value, min(value, max(-1.0, centre - margin)), max(value, min(1.0, centre + margin)))
