"""The base of every record, and the kinds of values that records hold."""

import re
from datetime import timezone
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from lab4.domain.moment import moment
from lab4.domain.text import printable

__all__ = [
    "LONGEST_S",
    "SHORTEST_S",
    "Bytes",
    "Count",
    "Difference",
    "Positive",
    "Record",
    "Seconds",
    "Some",
    "Text",
    "Timestamp",
    "Whole",
    "timestamp",
]

_TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3}(\d{3})?)?(Z|[+-]\d\d:\d\d)", re.ASCII)
_MAX_INT = 2**63 - 1
#: A picosecond, which no clock of a computer counts, and thirty years.
SHORTEST_S, LONGEST_S = 1e-12, 1e9


class Record(BaseModel):
    """Plain data, checked: exact types, no NaN, no infinity, no field that the schema does not know."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, allow_inf_nan=False)


def timestamp(text: str) -> str:
    """Return ``text`` as it is, if it is a time that can be told in UTC.

    Raises:
        ValueError: if it is not.
    """
    if not _TIMESTAMP.fullmatch(text):
        raise ValueError("not an ISO 8601 time with a time zone, such as 2026-01-31T12:00:00+00:00")
    told = moment(text)
    try:
        told.astimezone(timezone.utc)
    except OverflowError:
        raise ValueError("not within the years 1 to 9999 in UTC") from None
    return text


def _clock_time(seconds: float) -> float:
    if 0 < seconds < SHORTEST_S:
        raise ValueError(
            f"{seconds!r} s is no time that a clock tells; it must be 0 or {SHORTEST_S:g} to {LONGEST_S:g}"
        )
    return seconds


def _printable(value: object) -> object:
    return printable(value) if isinstance(value, str) else value


#: Text that can be shown anywhere: whatever a file says, what is read of it moves no cursor and commands no CI system.
Text = Annotated[str, BeforeValidator(_printable)]
#: A time that a clock tells. What is shorter or longer is damage, and rates of it are no numbers.
Seconds = Annotated[
    float, Field(ge=0, le=LONGEST_S, description="seconds, 0 or from 1e-12 to 1e9"), AfterValidator(_clock_time)
]
#: Joules, hertz, a load, a difference: no machine has more than the bound.
Difference = Annotated[float, Field(ge=0, le=1e15)]
Whole = Annotated[int, Field(ge=-_MAX_INT, le=_MAX_INT)]
Count = Annotated[int, Field(ge=0, le=_MAX_INT)]
Positive = Annotated[int, Field(ge=1, le=_MAX_INT)]
Bytes = Annotated[int, Field(ge=0, le=_MAX_INT, description="bytes")]
Timestamp = Annotated[str, AfterValidator(timestamp), Field(description="ISO 8601 with a time zone")]
#: At least one time; a list in JSON, a tuple in Python, hence not strict about which.
Some = Annotated[tuple[Seconds, ...], Field(strict=False, min_length=1)]
