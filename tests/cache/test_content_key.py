import json
import re
from types import MappingProxyType

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from lab4.cache import content_key
from lab4.domain.errors import CacheError

LEAVES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
VALUES = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3))
PARTS = st.dictionaries(st.text(), VALUES, max_size=4)


def reordered(value):
    """The same value, every mapping in it in the opposite order."""
    if isinstance(value, dict):
        return {name: reordered(each) for name, each in reversed(value.items())}
    return [reordered(each) for each in value] if isinstance(value, list) else value


@given(PARTS)
def test_the_order_of_names_does_not_matter(parts):
    assert content_key(parts) == content_key(reordered(parts))


@given(PARTS)
def test_a_key_is_64_hex_digits(parts):
    assert re.fullmatch(r"[0-9a-f]{64}", content_key(parts))


@given(PARTS, PARTS)
def test_parts_that_differ_have_keys_that_differ(one, other):
    assume(json.dumps(one, sort_keys=True) != json.dumps(other, sort_keys=True))
    assert content_key(one) != content_key(other)


@given(PARTS, st.text(), VALUES, VALUES)
def test_one_part_that_differs_is_enough(parts, name, one, other):
    assume(json.dumps(one, sort_keys=True) != json.dumps(other, sort_keys=True))
    assert content_key({**parts, name: one}) != content_key({**parts, name: other})


@pytest.mark.parametrize("number", [float("nan"), float("inf"), -float("inf")])
def test_numbers_that_json_has_not_are_refused(number):
    with pytest.raises(CacheError, match="plain JSON only"):
        content_key({"rate": [number]})


@pytest.mark.parametrize(
    "part", [{1}, b"raw", object(), 1j, MappingProxyType({})], ids=lambda part: type(part).__name__
)
def test_what_is_not_json_is_refused(part):
    with pytest.raises(CacheError, match="plain JSON only"):
        content_key({"part": part})


@pytest.mark.parametrize("parts", [{1: "a"}, {"a": {None: 1}}, {"a": [{True: 1}]}, {"a": ({1.5: 1},)}], ids=repr)
def test_names_that_are_no_texts_are_refused_since_json_writes_them_as_texts(parts):
    with pytest.raises(CacheError, match="is not a text"):
        content_key(parts)


def test_parts_that_contain_themselves_are_refused():
    parts = {}
    parts["again"] = parts
    with pytest.raises(CacheError, match="plain JSON only"):
        content_key(parts)
