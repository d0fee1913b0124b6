"""Measurements to plain dicts of plain Python values, and back."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from lab4.domain.cell import Cell
from lab4.domain.errors import RecordError
from lab4.domain.observed import (
    Accuracy,
    Agreement,
    Artifact,
    Disturbance,
    Latency,
    Loading,
    Series,
    Size,
    Sparsity,
    Training,
    WarmUp,
)
from lab4.domain.outcome import Failed, Measured, Measurement, Outcome, Unavailable
from lab4.domain.resources import Counted, Energy, PeakMemory, Work
from lab4.history.checked import check_version, checked
from lab4.history.earlier import upgraded
from lab4.history.sample_limit import SampleLimit
from lab4.history.samples import BITS_ENCODING, TIMES_ENCODING, pack_bits, pack_times, unpack_bits, unpack_times
from lab4.history.schema import (
    SCHEMA_VERSION,
    AccuracyRecord,
    FailedRecord,
    LatencyRecord,
    MeasuredRecord,
    MeasurementRecord,
    PackedBits,
    SeriesRecord,
    UnavailableRecord,
)

__all__ = ["from_plain", "measurement_of", "record_of", "to_plain"]

#: Parts of `Measured` whose record has the very fields of the type; the others are packed.
_SAME_FIELDS: dict[str, Callable[..., Any]] = {
    "training": Training,
    "size": Size,
    "sparsity": Sparsity,
    "agreement": Agreement,
    "loading": Loading,
    "artifact": Artifact,
    "memory": PeakMemory,
    "work": Work,
    "energy": Energy,
    "counters": Counted,
}


def to_plain(measurement: Measurement) -> dict[str, Any]:
    """Return what travels in ``extra_info["lab4"]``: plain Python numbers, texts, lists and dicts.

    Raises:
        RecordError: for a value that no record may hold: NaN, infinite, negative, counts that disagree.
    """
    cell = measurement.cell
    try:
        plain = {
            "schema_version": SCHEMA_VERSION,
            "cell": {"kind": cell.kind, "id": cell.id, **asdict(cell)},
            "outcome": _plain_outcome(measurement.outcome),
        }
        # Through the model and back: what is written has been checked as what is read will be.
        return checked(MeasurementRecord, plain).model_dump(mode="json", exclude_unset=True)
    except RecordError as error:
        raise RecordError(f"{cell.key} cannot be recorded: {error}") from None


def from_plain(plain: object, limit: SampleLimit | None = None) -> Measurement:
    """Read back what `to_plain` wrote; ``limit`` counts the samples of all records of a file.

    Raises:
        RecordError: if ``plain`` is of a newer schema, damaged, contradicts itself, or exceeds the limit.
    """
    return measurement_of(record_of(plain, SampleLimit() if limit is None else limit))


def record_of(plain: object, limit: SampleLimit) -> MeasurementRecord:
    """Check what `to_plain` wrote, with its samples counted and still packed; raises `RecordError` as `from_plain`."""
    check_version(plain)
    record = checked(MeasurementRecord, upgraded(plain))
    limit.count(record)
    return record


def measurement_of(record: MeasurementRecord) -> Measurement:
    """Return the measurement in a checked record; raises `RecordError` where its samples are damaged."""
    cell = Cell(**record.cell.model_dump(exclude={"id"}))
    outcome: Outcome
    match record.outcome:
        case MeasuredRecord():
            outcome = _measured(record.outcome)
        case UnavailableRecord(reason=reason):
            outcome = Unavailable(reason)
        case FailedRecord(reason=reason):
            outcome = Failed(reason)
    return Measurement(cell, outcome)


def _plain_outcome(outcome: Outcome) -> dict[str, Any]:
    match outcome:
        case Unavailable(reason):
            return {"kind": "unavailable", "reason": reason}
        case Failed(reason):
            return {"kind": "failed", "reason": reason}
        case Measured():
            observed = {name: getattr(outcome, name) for name in MeasuredRecord.model_fields if name != "kind"}
            return {"kind": "measured"} | {
                name: _plain(each) for name, each in observed.items() if each not in (None, {})
            }


def _plain(observed: Any) -> dict[str, Any]:  # noqa: ANN401  # one of some dataclasses
    match observed:
        case dict():
            return observed
        case Latency(calls=calls, alone=alone):
            return asdict(observed) | {
                "calls": _packed(calls),
                "alone": None if alone is None else _packed(alone),
                "undisturbed": _packed_told(observed.undisturbed),
                "alone_undisturbed": _packed_told(observed.alone_undisturbed),
            }
        case Accuracy(correct):
            return {"correct": _packed_bits(correct)}
        case _:
            return asdict(observed)


def _packed(series: Series) -> dict[str, Any]:
    # Packed is what the clock counted: whole nanoseconds of all calls of a sample.
    counted = [sample * series.iterations for sample in series.samples_s]
    return {
        "samples": {"encoding": TIMES_ENCODING, "count": len(counted), "data": pack_times(counted)},
        "pass_sizes": series.pass_sizes,
        "iterations": series.iterations,
        "clock": series.clock,
    }


def _packed_told(bits: tuple[bool, ...]) -> dict[str, Any] | None:
    return _packed_bits(bits) if bits else None


def _packed_bits(bits: tuple[bool, ...]) -> dict[str, Any]:
    return {"encoding": BITS_ENCODING, "count": len(bits), "data": pack_bits(bits)}


def _series(record: SeriesRecord) -> Series:
    samples_s = unpack_times(record.samples.data, record.samples.count)
    if record.iterations > 1:
        samples_s = tuple(sample / record.iterations for sample in samples_s)
    return Series(samples_s, record.pass_sizes, record.iterations, record.clock)


def _latency(record: LatencyRecord) -> Latency:
    rest = record.model_dump(exclude={"calls", "alone", "warmup", "disturbance", "undisturbed", "alone_undisturbed"})
    disturbance = record.disturbance
    return Latency(
        calls=_series(record.calls),
        alone=None if record.alone is None else _series(record.alone),
        warmup=WarmUp(**record.warmup.model_dump()),
        disturbance=None if disturbance is None else Disturbance(**disturbance.model_dump()),
        undisturbed=_told(record.undisturbed),
        alone_undisturbed=_told(record.alone_undisturbed),
        **rest,
    )


def _told(packed: PackedBits | None) -> tuple[bool, ...]:
    return () if packed is None else unpack_bits(packed.data, packed.count)


def _accuracy(record: AccuracyRecord) -> Accuracy:
    return Accuracy(unpack_bits(record.correct.data, record.correct.count))


def _measured(record: MeasuredRecord) -> Measured:
    observed = {
        name: kind(**getattr(record, name).model_dump())
        for name, kind in _SAME_FIELDS.items()
        if getattr(record, name) is not None
    }
    return Measured(
        latency=None if record.latency is None else _latency(record.latency),
        accuracy=None if record.accuracy is None else _accuracy(record.accuracy),
        missing=record.missing,
        **observed,
    )
