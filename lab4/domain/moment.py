"""Points in time, as records write them."""

import re
from datetime import datetime, timezone

_TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3}(\d{3})?)?(Z|[+-]\d\d:\d\d)", re.ASCII)


def moment(text: str) -> datetime:
    """The time that an ISO 8601 text with a zone means; raises `ValueError` where it is none.

    >>> moment("2026-01-31T12:00:00Z") == moment("2026-01-31T14:00:00+02:00")
    True
    """
    return datetime.fromisoformat(text.replace("Z", "+00:00"))  # Python 3.10 does not read the Z


def timestamp(text: str) -> str:
    """Return ``text`` as it is, if it is a time that UTC has; raises `ValueError` if it is not."""
    if not _TIMESTAMP.fullmatch(text):
        raise ValueError("not an ISO 8601 time with a time zone, such as 2026-01-31T12:00:00+00:00")
    when = moment(text)
    try:
        when.astimezone(timezone.utc)
    except OverflowError:
        raise ValueError("not within the years 1 to 9999 in UTC") from None
    return text
