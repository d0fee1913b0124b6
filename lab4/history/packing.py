"""Samples and bits of a record, packed for the disk and unpacked from it: by hand, as no schema can."""

from collections.abc import Mapping
from typing import Any

from lab4.domain.errors import RecordError
from lab4.history.json_text import found_in
from lab4.history.samples import (
    BITS_ENCODING,
    MAX_COUNT,
    TIMES_ENCODING,
    pack_bits,
    pack_floats,
    pack_times,
    unpack_bits,
    unpack_floats,
    unpack_times,
)

Plain = dict[str, Any]
#: Series of a latency, and which of its samples are flagged.
_SERIES = ("calls", "compute_only")
_FLAGS = ("uncontended", "compute_only_uncontended")
_MOST_ITERATIONS = 10**9

#: A file of more samples than this, and of more than it has packed characters, is damage: a clock's times take about
#: two characters per sample or more.
MOST_SAMPLES = 2_000_000


class SampleLimit:
    """The samples of one file so far; every record is counted before its samples are unpacked."""

    def __init__(self) -> None:
        self._samples = 0
        self._characters = 0

    def take(self, samples: int, characters: int) -> None:
        """Count a series of ``samples`` that are packed in ``characters``.

        Raises `RecordError` if those so far are too many for memory, and more than any clock's times.
        """
        self._samples += samples
        self._characters += characters
        most = max(MOST_SAMPLES, self._characters)
        if self._samples > most:
            raise RecordError(
                f"it has {self._samples:,} samples in {self._characters:,} characters, which may hold {most:,} at "
                "most; it is damaged, so copy or measure it again"
            )


def packed_outcome(plain: Plain) -> Plain:
    """Pack the samples and bits of a measured outcome."""
    found = dict(plain)
    if found.get("latency") is not None:
        found["latency"] = _packed_latency(found["latency"])
    if found.get("metrics"):
        found["metrics"] = {
            name: {"correct": _bits(each["correct"])} if "correct" in each else each
            for name, each in found["metrics"].items()
        }
    return found


def count_samples(plain: object, limit: SampleLimit) -> None:
    """Count the samples of a record that are still packed; raises `RecordError` where there are too many."""
    for name in _SERIES:
        samples = found_in(plain, "outcome", "latency", name, "samples")
        count, data = found_in(samples, "count"), found_in(samples, "data")
        if isinstance(count, int) and isinstance(data, str):
            limit.take(count, len(data))


def unpacked_outcome(plain: Plain) -> Plain:
    """Unpack what `packed_outcome` packed; raises `RecordError` naming the field that is damaged."""
    found = dict(plain)
    if isinstance(latency := found.get("latency"), Mapping):
        found["latency"] = _unpacked_latency(latency)
    if isinstance(metrics := found.get("metrics"), Mapping):
        found["metrics"] = {
            name: {**each, "correct": unpacked_bits(each["correct"], f"metrics.{name}.correct")}
            if isinstance(each, Mapping) and "correct" in each
            else each
            for name, each in metrics.items()
        }
    return found


def _packed_latency(latency: Plain) -> Plain:
    found = dict(latency)
    for name in _SERIES:
        if (series := found[name]) is not None:
            if not series["samples_s"]:
                raise RecordError(f"latency.{name}: it has no samples")
            # Packed is what the clock counted: whole nanoseconds of all calls of a sample.
            counted = [sample * series["iterations"] for sample in series["samples_s"]]
            samples = {"encoding": TIMES_ENCODING, "count": len(counted), "data": pack_times(counted)}
            found[name] = {"samples": samples, **{key: each for key, each in series.items() if key != "samples_s"}}
    for name in _FLAGS:
        found[name] = _bits(found[name]) if found[name] else None
    return found


def _unpacked_latency(latency: Mapping[str, Any]) -> Plain:
    found = dict(latency)
    for name in _SERIES:
        if isinstance(series := found.get(name), Mapping):
            place = f"latency.{name}.samples"
            rest = {key: each for key, each in series.items() if key != "samples"}
            iterations = rest.get("iterations")
            packed = _checked(series.get("samples"), TIMES_ENCODING, place, least=1)
            with RecordError.prefixed(f"{place}: "):
                samples_s = unpack_times(packed["data"], packed["count"])
            if isinstance(iterations, int) and 1 < iterations <= _MOST_ITERATIONS:
                samples_s = tuple(sample / iterations for sample in samples_s)
            found[name] = {**rest, "samples_s": samples_s}
    for name in _FLAGS:
        found[name] = () if found.get(name) is None else unpacked_bits(found[name], f"latency.{name}")
    return found


def packed_window(plain: Plain) -> Plain:
    """Pack the samples of a timing window, as they are: sessions continue from them."""
    return plain | {
        name: {"count": len(plain[name]), "data": pack_floats(plain[name])} for name in ("samples_s", "compute_only_s")
    }


def unpacked_window(plain: Mapping[str, Any], limit: SampleLimit) -> Plain:
    """Unpack what `packed_window` packed; ``limit`` counts the samples first.

    Raises `RecordError` naming what is damaged, or where there are too many samples.
    """
    found = dict(plain)
    for name in ("samples_s", "compute_only_s"):
        packed = _checked(plain.get(name), None, name)
        limit.take(packed["count"], len(packed["data"]))
        found[name] = unpack_floats(packed["data"], packed["count"])
        if any(each < 0 for each in found[name]):
            raise RecordError("samples are damaged (one is negative)")
    return found


def _bits(bits: tuple[bool, ...]) -> Plain:
    return {"encoding": BITS_ENCODING, "count": len(bits), "data": pack_bits(bits)}


def unpacked_bits(packed: object, place: str, encoding: str | None = BITS_ENCODING) -> tuple[bool, ...]:
    """Unpack bits; approvals leave out the name of the ``encoding``; raises `RecordError` if they are damaged."""
    checked = _checked(packed, encoding, place)
    with RecordError.prefixed(f"{place}: "):
        return unpack_bits(checked["data"], checked["count"])


def _checked(packed: object, encoding: str | None, place: str, least: int = 0) -> Plain:
    """What was packed, as far as it can be unpacked; raises `RecordError` naming the field at fault."""
    fields = {"count", "data"} | ({"encoding"} if encoding else set())
    if not isinstance(packed, Mapping) or set(packed) != fields:
        raise RecordError(f"{place}: not packed values with {', '.join(sorted(fields))}")
    count, data = packed["count"], packed["data"]
    if encoding and packed["encoding"] != encoding:
        raise RecordError(f"{place}.encoding: not {encoding!r}")
    if isinstance(count, bool) or not isinstance(count, int) or not least <= count <= MAX_COUNT:
        raise RecordError(f"{place}.count: not a whole number from {least} to {MAX_COUNT}")
    if not isinstance(data, str):
        raise RecordError(f"{place}.data: not a text")
    return dict(packed)
