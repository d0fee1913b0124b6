"""Samples and bits of a record, packed for the disk: whole nanoseconds, numbers and truth values as text, and unpacked.

Inference cells keep thousands of samples; written out as decimals they would be most of a run file. No schema can
unpack them: it is done by hand.
"""

import base64
import math
import struct
import sys
import zlib
from array import array
from collections.abc import Mapping, Sequence
from itertools import chain, repeat
from operator import truediv
from typing import Any

from lab4.domain.errors import RecordError
from lab4.history.json_text import found_in

#: Little-endian unsigned 64-bit whole nanoseconds, zlib, base64.
TIMES_ENCODING = "base64(zlib(uint64le ns))"
#: Little-endian doubles, zlib, base64.
FLOATS_ENCODING = "base64(zlib(float64le))"
#: One bit per value, the first in the highest bit, the last byte filled up with zeros, base64.
BITS_ENCODING = "base64(bits msb first)"
#: Values of an output that a record keeps at most: more are damage.
_MOST_KEPT = 1_000_000
#: A count above this is damage: no cell is measured ten million times.
MAX_COUNT = 10_000_000

_NS_PER_S = 1e9
_MAX_NS = 2**64 - 1
_BYTES_PER_VALUE = 8
#: The bits of each byte, the highest first.
_BITS_OF = [tuple(bool(byte >> place & 1) for place in range(7, -1, -1)) for byte in range(256)]


def pack_times(samples_s: Sequence[float]) -> str:
    """Pack seconds; exact for whole nanoseconds (which is what the clock counts), else rounded to them.

    Raises `RecordError` for a value that is negative, not finite, or above 584 years.
    """
    for sample in samples_s:
        if not math.isfinite(sample) or not 0 <= sample * _NS_PER_S < _MAX_NS:
            raise RecordError(f"{sample!r} is not a time in seconds")
    nanoseconds = [round(sample * _NS_PER_S) for sample in samples_s]
    raw = struct.pack(f"<{len(nanoseconds)}Q", *nanoseconds)
    return base64.b64encode(zlib.compress(raw)).decode("ascii")


def unpack_times(data: str, count: int) -> tuple[float, ...]:
    """Return the ``count`` seconds that `pack_times` packed.

    Raises `RecordError` if ``data`` is damaged or holds another number of values.
    """
    counted = array("Q", _inflated(data, count))
    if sys.byteorder == "big":
        counted.byteswap()
    return tuple([each / _NS_PER_S for each in counted])  # a list first: a tuple of a generator takes twice as long


def _inflated(data: str, count: int) -> bytes:
    """The bytes of ``count`` values of eight bytes each; raises `RecordError` where there are more or fewer."""
    size = count * _BYTES_PER_VALUE
    inflater = zlib.decompressobj()
    try:
        # One byte more than is due: enough to see that there is too much, and no bomb goes off.
        raw = inflater.decompress(base64.b64decode(data, validate=True), size + 1)
    except (ValueError, zlib.error) as error:
        raise RecordError(f"samples are damaged ({error})") from None
    if len(raw) != size or not inflater.eof or inflater.unused_data:
        raise RecordError(f"samples are damaged (not the {count} values that they should be)")
    return raw


def pack_bits(values: Sequence[bool]) -> str:
    """Pack truth values, one bit each."""
    size = -(-len(values) // 8)
    digits = "".join("1" if value else "0" for value in values).ljust(size * 8, "0")
    return base64.b64encode(int(digits or "0", 2).to_bytes(size, "big")).decode("ascii")


def unpack_bits(data: str, count: int) -> tuple[bool, ...]:
    """Return the ``count`` values that `pack_bits` packed.

    Raises `RecordError` if ``data`` is damaged or holds another number of values.
    """
    try:
        raw = base64.b64decode(data, validate=True)
    except ValueError as error:
        raise RecordError(f"bits are damaged ({error})") from None
    values = None
    if len(raw) == -(-count // 8):  # asked first: each bit takes eight bytes of memory
        values = tuple(chain.from_iterable(map(_BITS_OF.__getitem__, raw)))
    if values is None or any(values[count:]):
        raise RecordError(f"bits are damaged (not the {count} values that they should be)")
    return values[:count]


def pack_floats(values: Sequence[float]) -> str:
    """Pack numbers as they are: little-endian doubles, zlib, base64."""
    raw = struct.pack(f"<{len(values)}d", *values)
    return base64.b64encode(zlib.compress(raw, 1)).decode("ascii")


def unpack_floats(data: str, count: int) -> tuple[float, ...]:
    """Return the ``count`` numbers that `pack_floats` packed.

    Raises `RecordError` if ``data`` is damaged, holds another number of values, or one that is not finite.
    """
    values = struct.unpack(f"<{count}d", _inflated(data, count))
    if not all(map(math.isfinite, values)):
        raise RecordError("samples are damaged (one is not a number)")
    return values


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
    if found.get("answers") is not None:
        found["answers"] = packed_answers(found["answers"])
    return found


def packed_answers(plain: Mapping[str, Any]) -> Plain:
    """Pack the values that are kept of outputs."""
    return {
        **plain,
        "outputs": {name: {**each, "values": _floats(each["values"])} for name, each in plain["outputs"].items()},
    }


def unpacked_answers(plain: Mapping[str, Any]) -> Plain:
    """Unpack what `packed_answers` packed; raises `RecordError` naming the field that is damaged."""
    found = dict(plain)
    if isinstance(outputs := found.get("outputs"), Mapping):
        found["outputs"] = {
            name: {**each, "values": _unpacked_floats(each["values"], f"answers.outputs.{name}.values")}
            if isinstance(each, Mapping) and "values" in each
            else each
            for name, each in outputs.items()
        }
    return found


def _floats(values: Sequence[float]) -> Plain:
    return {"encoding": FLOATS_ENCODING, "count": len(values), "data": pack_floats(values)}


def _unpacked_floats(packed: object, place: str) -> tuple[float, ...]:
    checked = _checked(packed, FLOATS_ENCODING, place)
    if checked["count"] > _MOST_KEPT:
        raise RecordError(f"{place}.count: more than {_MOST_KEPT}")
    with RecordError.prefixed(f"{place}: "):
        return unpack_floats(checked["data"], checked["count"])


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
    if isinstance(answers := found.get("answers"), Mapping):
        found["answers"] = unpacked_answers(answers)
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
                samples_s = tuple(map(truediv, samples_s, repeat(iterations)))
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
