"""Points in time, as records write them."""

from datetime import datetime

__all__ = ["moment"]


def moment(text: str) -> datetime:
    """The time that an ISO 8601 text with a zone tells; raises `ValueError` where it tells none.

    >>> moment("2026-01-31T12:00:00Z") == moment("2026-01-31T14:00:00+02:00")
    True
    """
    return datetime.fromisoformat(text.replace("Z", "+00:00"))  # Python 3.10 does not read the Z
