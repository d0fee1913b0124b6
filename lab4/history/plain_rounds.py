"""Rounds of a measurement session to plain dicts, and back."""

from collections.abc import Mapping
from typing import Any

from lab4.domain.errors import RecordError
from lab4.domain.rounds import Round
from lab4.history.codec import Codec
from lab4.history.earlier import upgraded_round
from lab4.history.packing import packed_window, unpacked_window
from lab4.history.run_schema import CellKey
from lab4.history.sample_limit import SampleLimit

_ROUND: Codec[Round] = Codec(Round)
_KEYS: Codec[tuple[str, ...]] = Codec(tuple[CellKey, ...])


def round_to_plain(found: Round) -> dict[str, Any]:
    """Return what a journal keeps of a round; raises `RecordError` for values that no record may have."""
    plain: dict[str, Any] = _ROUND.write(found)
    return plain | {"windows": {key: packed_window(window) for key, window in plain["windows"].items()}}


def round_of(plain: object, limit: SampleLimit) -> Round:
    """Read back what `round_to_plain` wrote; raises `RecordError` if it is damaged or its samples exceed the limit."""
    if not isinstance(plain, Mapping) or not isinstance(plain.get("windows"), Mapping):
        raise RecordError("round: it has no windows")
    windows: dict[str, Any] = {}
    found = upgraded_round(plain)
    for key, window in found["windows"].items():
        if not isinstance(window, Mapping):
            raise RecordError(f"round.windows.{key}: not a timing window")
        windows[key] = unpacked_window(window, limit)
    session_round = _ROUND.read({**found, "windows": windows}, "round")
    _KEYS.read((*session_round.windows, *session_round.runners), "round.windows")
    return session_round
