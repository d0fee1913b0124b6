"""The result of a check."""

from dataclasses import dataclass
from typing import Literal

FindingState = Literal["good", "disturbs", "lacks", "unknown"]


@dataclass(frozen=True, slots=True)
class Finding:
    """The state that a check found, in words, and the remedy (empty if none is needed).

    ``disturbs``: measurements on this machine are noisier or slower than they need be. ``lacks``: something cannot be
    measured on this machine at all. ``unknown``: the system does not report it.
    """

    state: FindingState
    message: str
    remedy: str = ""


def good(message: str) -> Finding:
    """Nothing to remedy."""
    return Finding("good", message)


def disturbs(message: str, remedy: str) -> Finding:
    """Something makes measurements noisier or slower than they need be."""
    return Finding("disturbs", message, remedy)


def lacks(message: str, remedy: str) -> Finding:
    """Something cannot be measured on this machine."""
    return Finding("lacks", message, remedy)


def unknown(message: str) -> Finding:
    """The system does not report it."""
    return Finding("unknown", message)
