import base64
import zlib
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab4.domain.errors import RecordError
from lab4.history.packing import pack_bits, pack_times, unpack_bits, unpack_times


@given(st.lists(st.integers(0, 2**50)))
def test_whole_nanoseconds_come_back_exactly(nanoseconds):
    seconds = tuple(each / 1e9 for each in nanoseconds)
    assert unpack_times(pack_times(seconds), len(seconds)) == seconds


@given(st.lists(st.floats(0, 1e4)))
def test_any_time_comes_back_to_half_a_nanosecond(seconds):
    assert unpack_times(pack_times(seconds), len(seconds)) == pytest.approx(seconds, rel=1e-15, abs=0.51e-9)


@given(st.lists(st.booleans()))
def test_bits_come_back_exactly(values):
    assert unpack_bits(pack_bits(values), len(values)) == tuple(values)


def test_two_thousand_bits_take_less_than_four_hundred_characters():
    assert len(pack_bits([True] * 2_000)) < 400


def test_the_encodings_are_those_that_the_schema_states():
    raw = (1_500).to_bytes(8, "little") + (2).to_bytes(8, "little")
    assert zlib.decompress(base64.b64decode(pack_times([1.5e-6, 2e-9]))) == raw
    assert base64.b64decode(pack_bits([True, False, False, False, False, False, False, False, True])) == b"\x80\x80"


@pytest.mark.parametrize("sample", [float("nan"), float("inf"), -1e-9, 1e12])
def test_what_is_not_a_time_is_refused(sample):
    with pytest.raises(RecordError, match="not a time in seconds"):
        pack_times([0.1, sample])


@given(st.lists(st.integers(0, 2**40), min_size=1), st.integers(0, 300))
def test_another_count_is_damage(nanoseconds, count):
    packed = pack_times([each / 1e9 for each in nanoseconds])
    if count != len(nanoseconds):
        with pytest.raises(RecordError, match="damaged"):
            unpack_times(packed, count)


@given(st.lists(st.booleans(), min_size=1, max_size=50), st.integers(0, 60))
def test_another_count_of_bits_is_damage_unless_it_adds_padding(values, count):
    packed = pack_bits([*values, True])
    if count <= len(values):
        with pytest.raises(RecordError, match="damaged"):
            unpack_bits(packed, count)


@given(st.text(max_size=60), st.integers(0, 10))
def test_any_text_gives_values_or_a_record_error(text, count):
    for unpack in (unpack_times, unpack_bits):
        with suppress(RecordError):
            assert len(unpack(text, count)) == count


@given(st.binary(max_size=60), st.integers(0, 10))
def test_any_bytes_in_the_envelope_give_values_or_a_record_error(data, count):
    with suppress(RecordError):
        assert len(unpack_times(base64.b64encode(data).decode(), count)) == count


def test_a_bomb_does_not_go_off():
    bomb = base64.b64encode(zlib.compress(bytes(50_000_000))).decode()
    with pytest.raises(RecordError, match="damaged"):
        unpack_times(bomb, 2)


def test_what_follows_the_samples_is_damage():
    data = base64.b64decode(pack_times([1.0])) + b"more"
    with pytest.raises(RecordError, match="damaged"):
        unpack_times(base64.b64encode(data).decode(), 1)


def test_bits_that_are_too_many_are_refused_before_they_are_spread():
    with pytest.raises(RecordError, match="damaged"):
        unpack_bits("////" * 100_000, 8)
