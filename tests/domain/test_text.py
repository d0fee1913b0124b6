"""What is shown of text that others wrote."""

import os
import re
from textwrap import wrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab4.domain.errors import Lab4Error, RecordError
from lab4.domain.outcome import Failed, Unavailable
from lab4.domain.text import printable, printable_values, valid_text

#: Any text, and text of what commands are made of.
pieces = st.sampled_from(
    ["::", ":", "error", "warning file=a,line=1", "##[", "##vso[", "##TeamCity[", "#", " ", "\n", "/"]
)
commands = st.lists(pieces | st.characters(), max_size=12).map("".join)
texts = st.text() | commands
HIDDEN = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
#: As GitHub, Azure Pipelines and TeamCity read a line.
COMMAND = re.compile(r"^\s*::[A-Za-z].*::|##\[|##vso\[|##teamcity\[", re.IGNORECASE)
ordinary = st.text(st.characters(categories=["L", "N", "S", "Pd", "Po", "Mn"], exclude_characters=":#\\")) | st.just(
    "Größe 大小 サイズ 👩‍🔬 µs a:b, C::D and tests/test_a.py::TestB::test_c[d]"
)


@given(texts)
def test_twice_is_as_once(text):
    assert printable(printable(text)) == printable(text)


@given(texts)
def test_no_control_character_is_left(text):
    assert not HIDDEN.search(printable(text))
    printable(text).encode()  # it can be written anywhere


@given(texts, st.integers(1, 40))
def test_no_line_is_a_command_to_a_ci_system_even_after_wrapping(text, width):
    shown = printable(text)
    for line in [shown, *wrap(shown, width, break_long_words=False), shown.partition("/")[2]]:
        assert not COMMAND.search(line)


@given(ordinary)
def test_ordinary_text_stays_as_it_is(text):
    assert printable(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\tb\r\nc\0d", r"a\tb\r\nc\x00d"),
        ("\x1b[31m \x9b2J \u2028 \u202e \udcff \ud800", r"\x1b[31m \x9b2J \u2028 \u202e \xff \ud800"),
        ("::error::a", r"\::error::a"),
        ("a ::add-mask::b", r"a \::add-mask::b"),
        ("tests/::error::a", r"tests/\::error::a"),
        ("##[group]a ##vso[task.setvariable]b", r"#\#[group]a #\#vso[task.setvariable]b"),
        ("###teamcity[x", r"##\#teamcity[x"),
    ],
)
def test_what_would_command_is_shown(text, shown):
    assert printable(text) == shown


def test_values_of_json_are_printable_with_their_keys():
    plain = {"a\n": ["\x1b", 1, None, {"b": 1.5}], "c": True}
    assert printable_values(("\x1b", ["a"])) == [r"\x1b", ["a"]]
    assert printable_values(plain) == {r"a\n": [r"\x1b", 1, None, {"b": 1.5}], "c": True}


@given(texts)
def test_errors_and_reasons_are_printable(text):
    assert str(RecordError(text)) == str(Lab4Error(text)) == printable(text)
    assert Failed(text).reason == Unavailable(text).reason == printable(text)


anything = st.text(st.characters(exclude_categories=()))


@given(anything)
def test_every_name_becomes_text_that_can_be_written(name):
    assert valid_text(name).encode().decode() == valid_text(name)


@given(st.text())
def test_valid_text_stays_as_it_is(text):
    assert valid_text(text) == text


@given(st.text())
def test_text_that_came_in_as_bytes_is_read_as_utf8(text):
    assert valid_text(text.encode().decode("ascii", "surrogateescape")) == text


def test_other_bytes_are_shown():
    assert valid_text(os.fsdecode(b"M\xfcller")) == "M\\xfcller"
