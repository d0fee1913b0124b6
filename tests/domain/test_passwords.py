"""Passwords in texts of any kind."""

from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab4.domain import passwords
from lab4.domain.passwords import are_known, masked, remember_passwords, without_password

written = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=4, max_size=12).filter(
    lambda text: "***" not in text and text.lower() not in {"history", "lab4"}
)


@pytest.mark.parametrize(
    ("address", "found"),
    [
        ("postgresql://me:pw@host/db", ("postgresql://me@host/db", "pw")),
        ("postgresql://me:p:w/x@y@host:5432/db?a=b@c", ("postgresql://me@host:5432/db?a=b%40c", "p:w/x@y")),
        ("postgresql://me:p?w@host/db?a=b", ("postgresql://me@host/db?a=b", "p?w")),
        ("postgresql://:pw@host/db", ("postgresql://@host/db", "pw")),
        ("postgresql://me@host:5432/db", ("postgresql://me@host:5432/db", None)),
        ("postgresql://host/db?password=a@b", ("postgresql://host/db?password=a%40b", None)),
        ("sqlite:////home/me:x@y/h.sqlite", ("sqlite:////home/me:x@y/h.sqlite", None)),
        ("folder:with@signs", ("folder:with@signs", None)),
    ],
)
def test_a_password_is_taken_out_of_a_url(address, found):
    assert without_password(address) == found


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("postgresql://me:pw@host/db", "postgresql://me:***@host/db"),
        ("see 'postgresql://me:a@b/c@host/db'.", "see 'postgresql://me:***@host/db'."),
        ("host=h password=pw user=u", "host=h password=*** user=u"),
        ("host=h password='p w' user=u", "host=h password=*** user=u"),
        ("db?sslpassword=pw&x=1", "db?sslpassword=***&x=1"),
        ("sqlite:////home/me:x@y/h.sqlite", "sqlite:////home/me:x@y/h.sqlite"),
        ("https://example.org:80/a", "https://example.org:80/a"),
    ],
)
def test_a_password_that_nobody_remembered_is_masked_by_its_place(text, shown):
    assert masked(text) == shown


@given(written)
def test_a_password_that_was_remembered_is_masked_in_every_spelling(password):
    passwords._known.clear()
    remember_passwords([f"postgresql://me:{quote(password, safe='')}@host/db"])
    assert are_known()
    for spelling in (password, quote(password, safe=""), quote(password), repr(password)[1:-1]):
        assert spelling not in masked(f"could not connect: {spelling}: refused")


def test_a_url_with_one_slash_has_its_password_remembered():
    remember_passwords(["--history=postgresql:/me:hunter22@host/db"])
    assert masked("no folder hunter22 here") == "no folder *** here"


def test_a_common_word_is_masked_as_a_word_only():
    remember_passwords(["postgresql://postgres:postgres@host/postgres"])
    assert masked("postgresql://host: user postgres") == "postgresql://host: user ***"


@pytest.mark.parametrize("text", ["password = hashed anew", "--reason=a password", "runs/host", "user:me@host"])
def test_what_is_no_address_is_not_searched_for_passwords(text):
    remember_passwords([text])
    assert not are_known()
