import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab4.cli.shared import given_text
from lab4.domain.errors import Lab4Error


@given(st.text())
def test_an_argument_is_read_as_utf8_whatever_the_locale(text):
    assert given_text("--name", text) == text
    assert given_text("--name", text.encode().decode("ascii", "surrogateescape")) == text


def test_an_argument_that_is_not_utf8_is_refused():
    with pytest.raises(Lab4Error, match=r"--name .*xfcller' is not UTF-8 text"):
        given_text("--name", os.fsdecode(b"M\xfcller"))
