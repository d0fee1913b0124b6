"""Mutations that know the structure of what they change: JSON, packed samples, lines, bytes.

Every function takes its luck from a `random.Random`, so that a seed, or Hypothesis, can make and shrink it.
"""

import base64
import json
import zlib
from copy import deepcopy

__all__ = ["TEXTS", "mutated", "mutated_bytes", "places", "written"]

#: What a text may try: to move the cursor, end a line, speak to a CI system, be a formula, break a table or a page.
TEXTS = (
    "",
    "\x00",
    "a\n::error file=a.py,line=1::forged",
    "::stop-commands::x",
    "x\r::set-output name=a::b",
    "\x1b[2J\x1b]0;title\x07",
    "\x9b31m\x85\u2028::warning::x\u2029",
    "##[error]forged",
    "a ##vso[task.complete result=Failed]",
    "##teamcity[buildProblem description='x']",
    "\u202egpj.exe\u2066",
    "\ud800",
    '=HYPERLINK("https://example.org")',
    "+1",
    "@SUM(A1)",
    "a|b`c`<script>alert(1)</script>&amp;\\",
    "{} {0} {x!r} %s %(a)s",
    "Größe 大小 👩\u200d🔬",
    "x" * 5_000,
    "tests/::error file=a::forged",
    "a" * 23 + "::error::forged",
)
_NUMBERS = (
    *(0, 1, -1, 2, 7, 64, 2**31, 2**53, 2**63 - 1, 2**63, 2**64, 10**19, 10**400, -(2**63)),
    *(0.0, -0.0, 5e-324, 1e-300, 1e-12, 1e-9, 0.5, 1.0, 1e9, 1e15, 1e300, 1.7e308, float("nan"), float("inf"), -1e-9),
)
_FACTORS = (0, 1e-12, 1e-6, 1e-3, 0.5, 2, 1e3, 1e6, 1e12)
_OTHERS = (None, True, False, [], {}, [None], [[]], {"a": 1}, [0.0] * 3, [1e9, 1e-12])
_NS = (0, 1, 2, 1_000, 10**6, 10**9, 2**63, 2**64 - 1)
_ACTIONS = ("remove", "double", "copy", *["alike"] * 5, *["any"] * 2)


def places(value, path=()):
    """Every place in a JSON value but its root, as a tuple of keys."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in pairs:
        yield (*path, key)
        yield from places(each, (*path, key))


def mutated(document, random):
    """A copy of a JSON value with one change or several."""
    document = deepcopy(document)
    for _ in range(random.choice((1, 1, 1, 2, 4))):
        found = list(places(document))
        if not found:
            break
        # Most places are in long lists and many rows: take a kind of place first, then one of it.
        kinds = sorted({_kind(place) for place in found})
        kind = random.choice(kinds)
        _change(document, random.choice([place for place in found if _kind(place) == kind]), random)
    return document


def _kind(place):
    return tuple("#" if isinstance(step, int) else step for step in place)


def _change(document, place, random):
    *steps, last = place
    holder = document
    for step in steps:
        holder = holder[step]
    action = random.choice(_ACTIONS)
    if action == "remove":
        del holder[last]
    elif action == "double" and isinstance(holder, list):
        holder.insert(last, deepcopy(holder[last]))
    elif action == "double":  # under a name of ours
        holder[random.choice(TEXTS)] = holder.pop(last)
    elif action == "copy":  # what another place has
        other = random.choice(list(places(document)))
        found = document
        for step in other:
            found = found[step]
        holder[last] = deepcopy(found)
    else:
        holder[last] = _alike(holder[last], random) if action == "alike" else _any(random)


def _any(random):
    return deepcopy(random.choice(random.choice((TEXTS, _NUMBERS, _OTHERS))))


def _alike(value, random):
    """Another value of the same type."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float):
        return _number(value, random)
    if isinstance(value, str):
        return random.choice(TEXTS)
    if isinstance(value, dict) and {"encoding", "count", "data"} <= value.keys():
        return _packed(value, random)
    if isinstance(value, list) and value:
        return deepcopy(random.choice([value[:1], value[::-1], value * 2, [_alike(value[0], random)] * len(value)]))
    return _any(random)


def _number(value, random):
    kind = type(value)
    if random.randrange(2) and abs(value) < 1e15:  # noqa: PLR2004  # so that it can be multiplied
        return kind(value * random.choice(_FACTORS))
    return random.choice([each for each in _NUMBERS if isinstance(each, kind)])


def _packed(value, random):
    """As many samples or bits, of times that no call takes; or more of them than there should be."""
    count = value["count"] if isinstance(value["count"], int) and 0 <= value["count"] < 10**5 else 3
    if "bits" in str(value["encoding"]):
        raw = bytes(random.choice((0, 255)) for _ in range(-(-count // 8)))
    else:
        count = random.choice((count, count, 10**6))
        raw = zlib.compress(random.choice(_NS).to_bytes(8, "little") * count)
    return {**value, "count": count, "data": base64.b64encode(raw).decode()}


def mutated_bytes(data, random):
    """Bytes that were cut, changed, doubled or added to."""
    data = bytearray(data)
    for _ in range(random.randint(1, 3)):
        start = random.randint(0, len(data))
        end = min(len(data), start + random.choice((1, 1, 2, 8, 64, len(data))))
        piece = random.choice(
            (
                b"",
                bytes([random.randrange(256)]),
                b"\n",
                b"\x00\xff\xfe",
                b'"',
                b"[" * 2_000,
                b"9" * 5_000,
                bytes(data[start:end]) * 2,
            )
        )
        data[start:end] = piece
    return bytes(data)


def written(document):
    """JSON as an attacker writes it: with lone surrogates, and numbers that are none."""
    return json.dumps(document).encode()
