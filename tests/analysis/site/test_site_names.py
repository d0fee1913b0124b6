import re

from hypothesis import example, given
from hypothesis import strategies as st

from lab4.analysis.site import names
from lab4.analysis.site.names import file_names

#: Names that a system keeps for itself, in whatever folder and with whatever ending.
RESERVED = {"con", "prn", "aux", "nul", *(f"{port}{number}" for port in ("com", "lpt") for number in range(10))}


@given(st.lists(st.text(max_size=400)))
@example(["a", "A", "../../a", "/etc/passwd", "con", "", ".", "\0", "\ud800", "a/b", "a-b", "é"])
def test_names_are_safe_short_and_no_two_are_alike(keys):
    found = file_names(keys)
    assert set(found) == set(keys)
    assert len(set(found.values())) == len(found)
    for name in found.values():
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name)
        assert len(name) < 100
        assert name not in RESERVED


@given(st.lists(st.text(), unique=True), st.randoms())
def test_a_name_depends_on_no_order_and_no_other_key(keys, random):
    shuffled = list(keys)
    random.shuffle(shuffled)
    assert file_names(shuffled) == file_names(keys)
    assert all(file_names([key])[key] == name for key, name in file_names(keys).items())


def test_keys_of_one_digest_have_names_of_their_own(monkeypatch):
    monkeypatch.setattr(names, "_name", lambda _: "same")
    assert file_names(["c", "a", "b"]) == {"a": "same", "b": "same-2", "c": "same-3"}
