"""What a check says."""

from dataclasses import dataclass
from typing import Literal

__all__ = ["Finding", "State", "disturbs", "good", "lacks", "unknown"]

State = Literal["good", "disturbs", "lacks", "unknown"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One check's answer: its state, what was seen, and how to mend it (empty where there is nothing to mend).

    ``disturbs``: measurements here vary more, or are slower, than they need be. ``lacks``: something cannot be
    measured here at all. ``unknown``: the system does not tell.
    """

    state: State
    says: str
    mend: str = ""


def good(says: str) -> Finding:
    """Nothing to mend."""
    return Finding("good", says)


def disturbs(says: str, mend: str) -> Finding:
    """What makes measurements vary, or slower than they need be."""
    return Finding("disturbs", says, mend)


def lacks(says: str, mend: str) -> Finding:
    """What cannot be measured here."""
    return Finding("lacks", says, mend)


def unknown(says: str) -> Finding:
    """What the system does not tell."""
    return Finding("unknown", says)
