"""Lines of a journal: each says by a checksum whether it is as it was written."""

import zlib
from dataclasses import dataclass
from typing import Any

from lab4.domain.errors import RecordError
from lab4.domain.outcome import Measurement
from lab4.domain.rounds import Round
from lab4.history.codec import Codec
from lab4.history.json_text import parse, written
from lab4.history.packing import count_samples
from lab4.history.plain import measurement_of, record_of, to_plain
from lab4.history.plain_rounds import round_of, round_to_plain
from lab4.history.plain_run import header_from_plain, header_of
from lab4.history.run_schema import CellKey
from lab4.history.sample_limit import SampleLimit

_CHECKSUM = "crc32"
_PARTS = ("key", "lab4", "row")
_CELL_LINE: Codec[tuple[str, dict[str, Any], dict[str, Any] | None]] = Codec(
    tuple[CellKey, dict[str, Any], dict[str, Any] | None]
)


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """A cell that ended: its measurement, the same as plain data, and pytest-benchmark's row if it made one.

    The row contains the plain data as ``extra_info["lab4"]``.
    """

    measurement: Measurement
    plain: dict[str, Any]
    row: dict[str, Any] | None


def header_line(header: object) -> bytes:
    """The first line of a journal; raises `RecordError` for a header that could not be read back."""
    return written(_header(header))


def header_of_line(line: bytes) -> dict[str, Any]:
    """Read back what `header_line` wrote; raises `RecordError` if it is damaged or of a newer schema."""
    return _header(parse(line))


def _header(header: object) -> dict[str, Any]:
    return header_of(*header_from_plain(header))


def cell_line(measurement: Measurement, row: dict[str, Any] | None) -> tuple[bytes, JournalEntry]:
    """The line of a cell that ended, and the same as an entry; raises `RecordError` for values no record may hold."""
    plain = to_plain(measurement)
    line = _sealed({"key": measurement.cell.key, "lab4": plain, "row": _without_record(row)})
    return line, JournalEntry(measurement, plain, row)


def round_line(found: Round) -> bytes:
    """The line of a round that ended; raises `RecordError` for values that no record may have."""
    return _sealed({"round": round_to_plain(found)})


def read_line(line: bytes, limit: SampleLimit) -> JournalEntry | Round:
    """Read back what `cell_line` or `round_line` wrote; ``limit`` counts the samples of the whole journal.

    Raises:
        RecordError: if the line is damaged, or exceeds the limit.
    """
    plain = _unsealed(parse(line))
    if isinstance(plain, dict) and set(plain) == {"round"}:
        return round_of(plain["round"], limit)
    key, record, row = _CELL_LINE.read(_in_order(plain))
    present = record_of(record)
    count_samples(present, limit)
    measurement = measurement_of(present)
    if measurement.cell.key != key:
        raise RecordError(f"its key {key!r} contradicts its record, of {measurement.cell.key!r}")
    return JournalEntry(measurement, record, _with_record(row, record))


def _in_order(plain: object) -> tuple[Any, ...]:
    """The parts of the line of a cell; raises `RecordError` where it has others."""
    if not isinstance(plain, dict) or set(plain) != set(_PARTS):
        raise RecordError(f"it is neither a round nor a cell with {', '.join(_PARTS)}")
    return tuple(plain[part] for part in _PARTS)


def _without_record(row: dict[str, Any] | None) -> dict[str, Any] | None:
    """The row without our record, which is kept once: of two copies only one would be checked."""
    if row is None or not isinstance(row.get("extra_info"), dict):
        return row
    return row | {"extra_info": {name: value for name, value in row["extra_info"].items() if name != "lab4"}}


def _with_record(row: dict[str, Any] | None, plain: dict[str, Any]) -> dict[str, Any] | None:
    if row is None or not isinstance(row.get("extra_info"), dict):
        return row
    return row | {"extra_info": {**row["extra_info"], "lab4": plain}}


def _sealed(plain: dict[str, Any]) -> bytes:
    text = written(plain)  # once: rounds are written between windows of timing
    return b'{"%b": %d, %b' % (_CHECKSUM.encode(), zlib.crc32(text), text[1:])


def _unsealed(plain: object) -> object:
    """The line without its checksum; a line of an earlier lab4 has none."""
    if not isinstance(plain, dict) or _CHECKSUM not in plain:
        return plain
    rest = {name: value for name, value in plain.items() if name != _CHECKSUM}
    if zlib.crc32(written(rest)) != plain[_CHECKSUM]:
        raise RecordError("its checksum does not match its content")
    return rest
