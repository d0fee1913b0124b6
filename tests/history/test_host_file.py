"""Files of plain pytest-benchmark: what they say, and one sentence where they say what cannot be."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab4.domain.errors import RecordError
from lab4.history.host_file import host_run, is_of_host

STATS = {"min": 1e-3, "median": 2e-3, "iterations": 1}
#: What plain pytest-benchmark saves, as far as it is read.
PLAIN = {
    "machine_info": {"node": "box", "cpu": {"brand_raw": "CPU", "count": 2}, "system": "Linux", "release": "6"},
    "commit_info": {"id": "c0ffee", "dirty": False},
    "datetime": "2026-01-01T00:00:00",
    "benchmarks": [{"fullname": "test_x.py::test_it", "stats": STATS}],
}
#: Any JSON value, with what JSON has and files seldom have.
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.just(10**400) | st.text(st.characters(), max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=4,
)
#: Where in such a file to put it.
PLACES = (
    ("datetime",),
    ("commit_info",),
    ("commit_info", "id"),
    ("commit_info", "dirty"),
    ("machine_info",),
    ("machine_info", "node"),
    ("machine_info", "cpu"),
    ("machine_info", "cpu", "count"),
    ("benchmarks", 0),
    ("benchmarks", 0, "fullname"),
    ("benchmarks", 0, "stats"),
    ("benchmarks", 0, "stats", "min"),
    ("benchmarks", 0, "stats", "data"),
)


def changed(place, value):
    document = json.loads(json.dumps(PLAIN))
    inner = document
    for step in place[:-1]:
        inner = inner[step]
    inner[place[-1]] = value
    return json.loads(json.dumps(document))


def test_a_time_without_a_zone_is_utc():
    run = host_run(PLAIN, "a.json")
    assert (run.started_at, run.commit.revision) == ("2026-01-01T00:00:00+00:00", "c0ffee")


@pytest.mark.parametrize(
    ("place", "value", "says"),
    [
        (("datetime",), "yesterday+", "datetime 'yesterday+': not an ISO 8601 time"),
        (("datetime",), "99999", "datetime '99999': not an ISO 8601 time"),
        (("datetime",), "9999-12-31T23:59:59-23:59", "not within the years 1 to 9999"),
        (("datetime",), None, "datetime is not text (None)"),
        (("commit_info", "id"), 5, "commit_info: id: "),
        (("machine_info", "cpu", "count"), float("inf"), "is damaged"),
        (("machine_info", "cpu", "count"), -5, "machine_info: logical_cores"),
        (("benchmarks", 0, "stats", "min"), 10**400, "is damaged"),
    ],
)
def test_what_cannot_be_is_refused_in_one_sentence(place, value, says):
    with pytest.raises(RecordError, match=r"^cannot read a\.json: .*") as raised:
        host_run(changed(place, value), "a.json")
    assert says in str(raised.value)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("changes", "is_one"),
    [
        ({}, True),
        ({"commit_info": {"id": "c0ffee", "dirty": False, "project": "lab4"}}, True),
        ({"benchmarks": [{"fullname": "lab4", "stats": STATS, "extra_info": {"by": "lab4"}}]}, True),
        ({"lab4": {}}, False),
        ({"benchmarks": [{"fullname": "it", "stats": STATS, "extra_info": {"lab4": {}}}]}, False),
        ({"benchmarks": 3}, False),
    ],
)
def test_a_file_is_ours_by_its_records_and_not_by_a_name(changes, is_one):
    assert is_of_host(PLAIN | changes) is is_one


def test_a_name_that_utf_8_cannot_hold_is_spelled_out():
    run = host_run(changed(("benchmarks", 0, "fullname"), "t.py::\ud800"), "a.json")
    assert [*run.cells] == ["t.py::\\ud800"]


@given(st.sampled_from(PLACES), values)
def test_any_value_anywhere_is_read_or_refused_and_what_is_read_can_be_written(place, value):
    try:
        run = host_run(changed(place, value), "a.json")
    except RecordError as error:
        assert str(error).startswith("cannot read a.json: ")  # noqa: PT017  # most values are none of these
    else:
        repr((run.commit, run.machine.hardware_id)).encode()
        "".join(run.cells).encode()
