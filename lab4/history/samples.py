"""Many samples in few characters: whole nanoseconds and bits, packed into text.

Inference cells keep thousands of samples; written out as decimals they would be most of a run file.
"""

import base64
import math
import struct
import zlib
from collections.abc import Sequence
from itertools import chain, repeat
from operator import truediv

from lab4.domain.errors import RecordError

#: Little-endian unsigned 64-bit whole nanoseconds, zlib, base64.
TIMES_ENCODING = "base64(zlib(uint64le ns))"
#: One bit per value, the first in the highest bit, the last byte filled up with zeros, base64.
BITS_ENCODING = "base64(bits msb first)"
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
    return base64.b64encode(zlib.compress(raw, 9)).decode("ascii")


def unpack_times(data: str, count: int) -> tuple[float, ...]:
    """Return the ``count`` seconds that `pack_times` packed.

    Raises `RecordError` if ``data`` is damaged or holds another number of values.
    """
    return tuple(map(truediv, struct.unpack(f"<{count}Q", _inflated(data, count)), repeat(_NS_PER_S)))


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
