import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab4.domain.errors import Lab4Error
from lab4.domain.text import given_text, valid_text

anything = st.text(st.characters(exclude_categories=()))


@given(anything)
def test_every_name_becomes_text_that_can_be_written(name):
    assert valid_text(name).encode().decode() == valid_text(name)


@given(st.text())
def test_text_stays_as_it_is(text):
    assert valid_text(text) == text
    assert given_text("--name", text) == text


@given(st.text())
def test_text_that_came_in_as_bytes_is_read_as_utf8(text):
    as_bytes = text.encode().decode("ascii", "surrogateescape")
    assert valid_text(as_bytes) == text
    assert given_text("--name", as_bytes) == text


def test_other_bytes_are_shown_and_as_an_argument_refused():
    name = os.fsdecode(b"M\xfcller")
    assert valid_text(name) == "M\\xfcller"
    with pytest.raises(Lab4Error, match=r"--name 'M\\\\xfcller' is not UTF-8 text"):
        given_text("--name", name)
