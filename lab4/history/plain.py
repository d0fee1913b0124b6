"""Measurements, rounds and what a run says of itself: to plain dicts of plain Python values, and back."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from lab4.domain.cell import Cell
from lab4.domain.errors import RecordError
from lab4.domain.machine import Machine
from lab4.domain.observed import Peak
from lab4.domain.outcome import Failed, Measured, Measurement, Unavailable
from lab4.domain.rounds import Round
from lab4.domain.untyped import Untyped
from lab4.history.earlier import upgraded, upgraded_round
from lab4.history.packing import (
    SampleLimit,
    count_samples,
    packed_outcome,
    packed_window,
    unpacked_outcome,
    unpacked_window,
)
from lab4.history.run_schema import (
    HEADER,
    SCHEMA_VERSION,
    CellKey,
    Codec,
    RunHeader,
    check_version,
    machine_from_plain,
    machine_to_plain,
)

_CELL: Codec[Cell] = Codec(Cell)
_KINDS: Mapping[type, str] = {Measured: "measured", Unavailable: "unavailable", Failed: "failed"}
#: By the ``kind`` of an outcome in a record.
_OUTCOMES: Mapping[str, Codec[Any]] = {name: Codec(kind) for kind, name in _KINDS.items()}
_FIELDS = {"schema_version", "cell", "outcome"}


def to_plain(measurement: Measurement) -> dict[str, Any]:
    """Return what travels in ``extra_info["lab4"]``: plain Python numbers, texts, lists and dicts.

    Raises `RecordError` for a value that no record may hold: NaN, infinite, negative, counts that disagree.
    """
    cell, outcome = measurement.cell, measurement.outcome
    kind = _KINDS[type(outcome)]
    with RecordError.prefixed(f"{cell.key} cannot be recorded: "):
        plain = _OUTCOMES[kind].write(outcome)
        observed = {name: each for name, each in packed_outcome(plain).items() if each not in (None, {})}
    return {
        "schema_version": SCHEMA_VERSION,
        "cell": {"id": cell.id, **_CELL.write(cell)},
        "outcome": {"kind": kind, **observed},
    }


def from_plain(plain: object) -> Measurement:
    """Read back what `to_plain` wrote, or an earlier version did.

    Of records of one file the samples are counted first, by `count_samples` of what `record_of` returns. Raises
    `RecordError` if ``plain`` is of a newer schema, damaged, contradicts itself, or has too many samples.
    """
    record = record_of(plain)
    count_samples(record, SampleLimit())
    return measurement_of(record)


def record_of(plain: object) -> dict[str, Any]:
    """Return a record in the present version, its samples still packed; raises `RecordError` as `from_plain`."""
    check_version(plain)
    record: dict[str, Any] = upgraded(plain)
    if unknown := sorted(map(str, set(record) ^ _FIELDS)):
        fault = "Field required" if unknown[0] in _FIELDS else "Extra inputs are not permitted"
        raise RecordError(f"{unknown[0]}: {fault}")
    return record


def measurement_of(record: Mapping[str, Any]) -> Measurement:
    """Return the measurement in a record that `record_of` returned; raises `RecordError` as `from_plain`."""
    cell = _cell(record["cell"])
    outcome = record["outcome"]
    if not isinstance(outcome, Mapping) or outcome.get("kind") not in list(_OUTCOMES):
        raise RecordError(f"outcome: its kind is none of {', '.join(_OUTCOMES)}")
    place = f"outcome.{outcome['kind']}"
    with RecordError.prefixed(f"{place}."):
        observed = unpacked_outcome({name: each for name, each in outcome.items() if name != "kind"})
    return Measurement(cell, _OUTCOMES[outcome["kind"]].read(observed, place))


def _cell(plain: object) -> Cell:
    if not isinstance(plain, Mapping) or not isinstance(plain.get("id"), str):
        raise RecordError("cell: it has no id")
    cell = _CELL.read({name: each for name, each in plain.items() if name != "id"}, "cell")
    if cell.id != plain["id"]:
        raise RecordError(f"cell: id {plain['id']!r} contradicts the fields, which say {cell.id!r}")
    return cell


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


def header_of(header: RunHeader, machine: Machine) -> dict[str, Any]:
    """Return the header of a journal and of the run file that comes of it, as JSON gives it back.

    A trait that is not declared is left out. Raises `RecordError` for values that no record may hold.
    """
    plain: dict[str, Any] = _declared(HEADER.write(header))
    return plain | {"machine": machine_to_plain(machine)}


def header_from_plain(plain: object) -> tuple[RunHeader, Machine]:
    """Read back what `header_of` wrote, or an earlier version did; raises `RecordError` if it is damaged."""
    check_version(plain)
    found = dict(upgraded(plain))
    machine = found.pop("machine", None)
    return HEADER.read(found), machine_from_plain(machine)


def _declared(plain: Untyped) -> Untyped:  # plain data
    """Plain data without the traits that are not declared."""
    if isinstance(plain, dict):
        return {name: _declared(value) for name, value in plain.items() if value is not None}
    return [_declared(each) for each in plain] if isinstance(plain, list) else plain


def with_peaks(header: Mapping[str, Any], peaks: Sequence[Peak]) -> dict[str, Any]:
    """Return the header with what the machine does at its best; raises `RecordError` for bad values."""
    found, machine = header_from_plain(header)
    return header_of(replace(found, peaks=tuple(peaks)), machine)
