"""Names of files from keys that may hold any text: safe on every system, and no two alike."""

import hashlib
import re
from collections.abc import Iterable

#: How much of a key a name shows, and hex digits of its digest.
_SHOWN, _DIGITS = 60, 12


def file_names(keys: Iterable[str]) -> dict[str, str]:
    """A file's name, without its ending, for each key; the same keys have the same names in every build.

    Names are of lower-case letters, digits and dashes, since some file systems take ``A`` and ``a`` as one name. The
    digest makes a name of its own of each key, and of no key one that a system reserves, such as ``con``.

    >>> file_names(["latency/cnn-cpu-b32-onnx"])
    {'latency/cnn-cpu-b32-onnx': 'latency-cnn-cpu-b32-onnx-ac4f3b216749'}
    """
    found: dict[str, str] = {}
    taken: set[str] = set()
    for key in sorted(set(keys)):
        name = _name(key)
        number = 1
        while (chosen := name if number == 1 else f"{name}-{number}") in taken:  # two keys of one digest
            number += 1
        taken.add(chosen)
        found[key] = chosen
    return found


def _name(key: str) -> str:
    readable = re.sub(r"[^a-z0-9]+", "-", key.lower())[:_SHOWN].strip("-")
    digest = hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:_DIGITS]
    return f"{readable}-{digest}" if readable else digest
