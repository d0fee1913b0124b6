import base64
import copy
import json
import os
import zlib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lab4_examples import RUN
from lab4_strategies import document_of

from lab4.domain.errors import RecordError
from lab4.domain.run import Run
from lab4.history.json_text import written
from lab4.history.run_file import read_run

# The folder may serve several examples: each writes its file anew.
anew = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


def read(folder, document):
    path = folder / "run.json"
    path.write_bytes(written(document))
    return read_run(path)


def without(key):
    return {name: value for name, value in document_of(RUN).items() if name != key}


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"", "it is empty"),
        (b" \n", "it is empty"),
        (b"\xff\xfe{\x00}\x00", "not UTF-8"),
        (b"hello", "not JSON"),
        (b"[1, 2, }", "not JSON"),
        (b'{"benchmarks": [1, 2', "cut off after 20 bytes"),
        (b"[" * 100_000, "not JSON"),
        (b"1" * 10_000, "JSON"),
        (b"[]", "something else"),
        (b'{"version": "2.1.0", "runs": []}', "something else"),
        pytest.param(written(without("lab4")), "without the lab4 suite", id="without lab4"),
        pytest.param(written(without("benchmarks")), "something else", id="without benchmarks"),
        pytest.param(written(without("machine_info")), "machine_info.lab4 is missing", id="without machine_info"),
    ],
)
def test_a_file_that_is_no_run_is_refused_in_one_line(tmp_path, content, fault):
    path = tmp_path / "some.json"
    path.write_bytes(content)
    with pytest.raises(RecordError) as caught:
        read_run(path)
    assert str(caught.value).startswith(f"cannot read {path}: ")
    assert fault in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_byte_order_mark_does_no_harm(tmp_path):
    path = tmp_path / "run.json"
    path.write_bytes(b"\xef\xbb\xbf" + written(document_of(RUN)))
    assert read_run(path) == RUN


def test_a_missing_file_a_folder_and_an_impossible_path_are_refused(tmp_path):
    with pytest.raises(RecordError, match="no such file"):
        read_run(tmp_path / "run.json")
    with pytest.raises(RecordError, match="is a folder"):
        read_run(tmp_path)
    with pytest.raises(RecordError, match="null"):
        read_run(tmp_path / "a\0b")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="the superuser may read everything")
def test_a_file_without_permission_is_refused(tmp_path):
    path = tmp_path / "run.json"
    path.write_bytes(b"{}")
    path.chmod(0)
    with pytest.raises(RecordError, match="ermission denied"):
        read_run(path)


@pytest.mark.parametrize(
    ("place", "value", "fault"),
    [
        ("lab4.schema_version", 4, "schema version 4 and this lab4 reads up to 3; upgrade lab4"),
        ("lab4.started_at", "yesterday", "lab4.started_at: not an ISO 8601 time"),
        ("lab4.started_at", "2026-01-31T12:00:00", "with a time zone"),
        ("lab4.started_at", "2026-02-31T12:00:00Z", "lab4.started_at"),
        ("lab4.planned", ["latency/cnn"], "lab4.planned.0: 'cnn' is not a cell id"),
        ("lab4.settings.seed", 1.5, "lab4.settings.seed"),
        ("machine_info.lab4.memory_bytes", -1, "machine_info.lab4.memory_bytes"),
        ("benchmarks.0.extra_info.lab4.schema_version", 4, "upgrade lab4"),
        (
            "benchmarks.0.extra_info.lab4.outcome.latency.calls.samples.data",
            "AAAA",
            "the record of cnn-cpu-b1-onnx: outcome.measured.latency.calls.samples: samples are damaged",
        ),
    ],
)
def test_a_damaged_field_is_named(tmp_path, place, value, fault):
    document = document_of(RUN)
    *steps, last = [int(step) if step.isdigit() else step for step in place.split(".")]
    found = document
    for step in steps:
        found = found[step]
    found[last] = value
    with pytest.raises(RecordError) as caught:
        read(tmp_path, document)
    assert fault in str(caught.value)


def test_every_run_file_that_was_cut_off_is_refused(tmp_path):
    path = tmp_path / "run.json"
    whole = written(document_of(RUN), indent=4).rstrip()
    for length in range(0, len(whole), 7):
        path.write_bytes(whole[:length])
        with pytest.raises(RecordError, match="is empty" if length == 0 else f"cut off after {length} bytes"):
            read_run(path)


def places(value, path=()):
    """Every place in a JSON value, as a tuple of keys."""
    yield path
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in pairs:
        yield from places(each, (*path, key))


def bomb(samples):
    """A record of so many samples of no time at all, in few characters."""
    zeros = base64.b64encode(zlib.compress(bytes(8 * samples), 9)).decode()
    record = copy.deepcopy(document_of(RUN)["benchmarks"][0]["extra_info"]["lab4"])
    calls = record["outcome"]["latency"]["calls"]
    calls["samples"] |= {"count": samples, "data": zeros}
    calls["round_sizes"] = [samples]
    return record


def test_a_file_of_more_samples_than_its_size_allows_is_refused_before_any_is_unpacked(tmp_path, monkeypatch):
    monkeypatch.setattr("lab4.history.packing.unpack_times", lambda *_: pytest.fail("unpacked"))
    document = document_of(RUN)
    document["benchmarks"] = [{"extra_info": {"lab4": bomb(1_200_000)}}] * 2
    with pytest.raises(RecordError, match=r"2,400,000 samples in [0-9,]+ characters.* 2,000,000 at most"):
        read(tmp_path, document)


DOCUMENT = document_of(RUN)
numbers = st.integers() | st.just(10**400) | st.floats()
json_values = st.recursive(
    st.none() | st.booleans() | numbers | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=4,
)


@settings(anew, max_examples=300)
@given(st.sampled_from([*places(DOCUMENT)][1:]), json_values)
def test_any_value_at_any_place_gives_a_run_or_a_record_error(tmp_path, place, value):
    document = copy.deepcopy(DOCUMENT)
    found = document
    for step in place[:-1]:
        found = found[step]
    found[place[-1]] = value
    path = tmp_path / "run.json"
    path.write_text(json.dumps(document))
    try:
        answer = read_run(path)
    except RecordError as error:
        answer = str(error)
    assert isinstance(answer, Run) or "\n" not in answer


@anew
@given(st.binary(max_size=100))
def test_any_bytes_give_a_record_error(tmp_path, data):
    path = tmp_path / "run.json"
    path.write_bytes(data)
    with pytest.raises(RecordError):
        read_run(path)
