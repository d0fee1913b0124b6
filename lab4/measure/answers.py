"""What an artifact answered, in a few kilobytes: a digest of all its outputs, and some of their values.

The digest says whether two machines computed the same bits. Where they did not, the values say how far they are apart.
"""

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from lab4.domain.observed import Answers, KeptOutput
from lab4.domain.untyped import Untyped

#: Values that are kept of all outputs together: of 2,000 rows of 10 scores about every twentieth.
_KEPT = 1024
#: A prime above any output's size: its multiples visit every place of an array, in no step that a dimension has.
_STEP = 2_654_435_761
_NUMBERS = "iuf"


def answers_of(outputs: Mapping[str, Any], examples_sha256: str, rounding: float) -> Answers:
    """Digest outputs, finite arrays by name, for the examples of a digest; ``rounding`` is as in `Answers`."""
    most = max(1, _KEPT // max(1, len(outputs)))
    return Answers(
        digest_of(outputs.items()),
        examples_sha256,
        rounding,
        {name: _kept(np.asarray(each), most) for name, each in sorted(outputs.items())},
    )


def digest_of(arrays: Iterable[tuple[str, Any]]) -> str:
    """SHA-256 of names, dtypes, shapes and bytes (little-endian, in C order), in the order of the names, as hex."""
    digest = hashlib.sha256()
    for name, given in sorted(arrays, key=lambda each: each[0]):
        array = np.asarray(given)
        digest.update(f"{name}\0{_dtype(array)}\0{array.shape}\0".encode())
        digest.update(_bytes(array))
    return digest.hexdigest()


def _dtype(array: Untyped) -> str:
    return "text" if array.dtype.kind in "OSU" else str(array.dtype.name)


def _bytes(array: Untyped) -> bytes:
    if array.dtype.kind in "OSU":  # by their contents: how many bytes each takes is NumPy's choice
        return b"\0".join(str(each).encode() for each in array.ravel())
    return np.ascontiguousarray(array, array.dtype.newbyteorder("<")).tobytes()


def _kept(array: Untyped, most: int) -> KeptOutput:
    if array.dtype.kind not in _NUMBERS:
        return KeptOutput(_dtype(array), array.shape, 1.0)
    flat = array.ravel()
    places = np.arange(min(most, flat.size), dtype=np.int64) * _STEP % max(1, flat.size)
    scale = float(np.abs(flat.astype(np.float64)).max(initial=0))
    return KeptOutput(_dtype(array), array.shape, scale, tuple(map(float, flat[places])))
