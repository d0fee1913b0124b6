"""The kinds of values that records hold, points in time among them, as annotations: records are checked by them.

The annotations speak to pydantic, which `lab4.history` reads records with, in plain dicts; nothing of it is imported.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Annotated, Any

from lab4.domain.text import printable
from lab4.domain.untyped import Untyped

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


_MAX_INT = 2**63 - 1
#: The number of a core as JSON has it; -1 where the system does not say which core it was.
_CORE = re.compile(r"-1|0|[1-9][0-9]{0,5}", re.ASCII)
#: A picosecond, which no clock of a computer counts, and thirty years.
SHORTEST_S, LONGEST_S = 1e-12, 1e9

_Schema = dict[str, Any]
_Handler = Callable[[Any], _Schema]


@dataclass(frozen=True, slots=True)
class _Exactly:
    """A value of the very type, within limits; ``before`` and ``after`` change or refuse it."""

    least: float | None = None
    most: float | None = None
    before: Callable[[Any], Any] | None = None
    after: Callable[[Any], Any] | None = None

    def __get_pydantic_core_schema__(self, source: Untyped, handler: _Handler) -> _Schema:  # pydantic's
        limits = {name: end for name, end in (("ge", self.least), ("le", self.most)) if end is not None}
        schema = {**handler(source), "strict": True, **limits}
        for function, kind in ((self.before, "function-before"), (self.after, "function-after")):
            if function is not None:
                schema = {"type": kind, "function": {"type": "no-info", "function": function}, "schema": schema}
        return schema


@dataclass(frozen=True, slots=True)
class AtLeastOne:
    """A tuple that is never empty."""

    def __get_pydantic_core_schema__(self, source: Untyped, handler: _Handler) -> _Schema:  # pydantic's
        return {**handler(source), "min_length": 1}


@dataclass(frozen=True, slots=True)
class Packed:
    """Many values that a record holds packed, in an encoding of this name: checked as they are unpacked."""

    encoding: str

    def __get_pydantic_core_schema__(self, _source: Untyped, _handler: _Handler) -> _Schema:  # pydantic's
        return {"type": "any"}


def _printable(value: object) -> object:
    return printable(value) if isinstance(value, str) else value


def _core(key: object) -> object:
    return int(key) if isinstance(key, str) and _CORE.fullmatch(key) else key


def _clock_time(seconds: float) -> float:
    if 0 < seconds < SHORTEST_S:
        raise ValueError(f"{seconds!r} s is not a time that a clock counts; it must be 0 or from {SHORTEST_S:g}")
    return seconds


#: Text that can be shown anywhere: whatever a file says, what is read of it moves no cursor and commands no CI system.
Words = Annotated[str, _Exactly(before=_printable)]
Flag = Annotated[bool, _Exactly()]
#: A time that a clock counts. What is shorter or longer is damage, and rates of it are no numbers.
Seconds = Annotated[float, _Exactly(0, LONGEST_S, after=_clock_time)]
#: Joules, hertz, a load, a difference: no machine has more than the bound.
Number = Annotated[float, _Exactly(0, 1e15)]
#: Any finite number.
Real = Annotated[float, _Exactly()]
#: No change of code is a billionfold; and a figure times less than this may be nothing.
Factor = Annotated[float, _Exactly(1e-9, 1e9)]
#: As much as a record may count.
Amount = Annotated[float, _Exactly(0, 2.0**63)]
Whole = Annotated[int, _Exactly(-_MAX_INT, _MAX_INT)]
Count = Annotated[int, _Exactly(0, _MAX_INT)]
Positive = Annotated[int, _Exactly(1, _MAX_INT)]
#: Calls that one sample is the mean of.
Iterations = Annotated[int, _Exactly(1, 10**9)]
#: The number of a core, in JSON the text of it.
Core = Annotated[int, _Exactly(before=_core)]
Bytes = Count
Timestamp = Annotated[str, _Exactly(after=timestamp)]
#: At least one time.
Some = Annotated[tuple[Seconds, ...], AtLeastOne()]
