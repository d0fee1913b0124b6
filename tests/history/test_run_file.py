import copy
import json
import os
from importlib import metadata

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lab4_strategies import INTERRUPTION, document_of, header_of_run, measured, row_of, runs, unmeasured

from lab4.domain.cell import Cell
from lab4.domain.errors import OutputError, RecordError
from lab4.domain.machine import Gpu, Machine
from lab4.domain.observed import Accuracy, Latency, Size
from lab4.domain.outcome import Failed, Measured, Measurement, Unavailable
from lab4.domain.run import Commit, DatasetInfo, Run, Settings
from lab4.history.json_text import written
from lab4.history.plain import to_plain
from lab4.history.run_file import INTERRUPTED, read_run, run_document, run_section, write_run

# The folder may serve several examples: each writes its file anew.
anew = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])

CNN = Cell("inference", "cnn", (), "cpu", 1, "onnx")
FCNN = Cell("inference", "fcnn", (), "cpu", 1, "onnx")
LATENCY = Latency((1e-6, 2e-6, 3e-6), 0.5, 3, 2, "one call")
RUN = Run(
    started_at="2026-01-31T12:00:00+00:00",
    lab4_version="0.1.0",
    settings=Settings("quick", 1, 2, 1, 0.1),
    dataset=DatasetInfo("mnist_10k", 8000, 2000, "ab" * 32),
    machine=Machine("box", "CPU", ("avx2",), 8, 4, 2**34, (Gpu("H", "1", 2**36),), "Linux", "3.11", (("a", "1"),), ()),
    commit=Commit("c0ffee", dirty=True),
    labels={"cnn": "CNN"},
    measurements=(
        Measurement(CNN, Measured(latency=LATENCY, accuracy=Accuracy((True, False)), size=Size(2, 1))),
        Measurement(FCNN, Unavailable("no such model")),
    ),
    complete=True,
)


@anew
@given(runs)
def test_a_run_comes_back_from_its_file_as_it_was(tmp_path, run):
    path = tmp_path / "run.json"
    path.write_bytes(written(document_of(run)))
    assert read_run(path) == run


def test_a_written_run_is_read_from_where_it_is(tmp_path):
    path = tmp_path / "new" / "folder" / "run.json"
    write_run(path, document_of(RUN))
    assert read_run(path) == RUN
    assert read_run(path).source == str(path)


def test_an_earlier_run_is_kept(tmp_path):
    path = tmp_path / "run.json"
    write_run(path, document_of(RUN))
    first = path.read_bytes()
    write_run(path, document_of(RUN) | {"datetime": "later"})
    (kept,) = (tmp_path / "earlier").iterdir()
    assert kept.read_bytes() == first


def test_a_planned_cell_without_an_outcome_is_interrupted(tmp_path):
    document = document_of(RUN)
    document["lab4"]["unmeasured"] = []
    run = read(tmp_path, document)
    assert run.measurements[1] == Measurement(FCNN, INTERRUPTION)
    assert not run.complete


def test_a_section_is_complete_when_every_planned_cell_ended():
    rows = [row_of(RUN.measurements[0])]
    plain = [to_plain(RUN.measurements[1])]
    header = header_of_run(RUN)
    assert run_section(header, rows, plain)["complete"]
    assert not run_section(header, rows, [])["complete"]
    assert not run_section(header, [], plain)["complete"]


def test_the_order_is_that_of_the_plan(tmp_path):
    document = document_of(RUN)
    document["lab4"]["planned"].reverse()
    assert [each.cell for each in read(tmp_path, document).measurements] == [FCNN, CNN]


def test_a_cell_that_failed_after_it_was_timed_failed(tmp_path):
    document = document_of(RUN)
    document["lab4"]["unmeasured"].append(to_plain(Measurement(CNN, Failed("worse than guessing"))))
    assert read(tmp_path, document).measurements[0].outcome == Failed("worse than guessing")


def test_rows_of_other_benchmarks_may_stand_between_ours(tmp_path):
    document = document_of(RUN)
    document["benchmarks"].insert(0, {"name": "test_sort", "extra_info": {}, "stats": {"rounds": 5}})
    assert read(tmp_path, document) == RUN


@pytest.mark.parametrize("info", [None, {}, {"id": "unversioned"}, {"id": "unknown", "error": "git", "dirty": False}])
def test_a_run_outside_a_repository_has_no_revision(tmp_path, info):
    assert read(tmp_path, document_of(RUN) | {"commit_info": info}).commit == Commit(None, dirty=False)


def test_what_a_user_puts_beside_our_record_never_costs_the_run(tmp_path):
    row = row_of(RUN.measurements[0])
    row["extra_info"] |= {"mine": float("nan"), "deep": [float("-inf"), {1: object()}]}
    document = run_document({}, None, [row], header_of_run(RUN), [])
    path = tmp_path / "run.json"
    write_run(path, document)
    assert read_run(path).measurements[0] == RUN.measurements[0]
    extra = json.loads(path.read_text(), parse_constant=pytest.fail)["benchmarks"][0]["extra_info"]
    assert extra["mine"] is None
    assert extra["deep"][1]["1"].startswith("UNSERIALIZABLE[<object")


def test_a_document_names_the_version_of_its_host_where_it_is_installed(monkeypatch):
    assert document_of(RUN)["version"] == metadata.version("pytest-benchmark")

    def missing(name):
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "version", missing)
    assert document_of(RUN)["version"] == ""


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
        (written(without("lab4")), "without the lab4 suite"),
        (written(without("benchmarks")), "something else"),
        (written(without("machine_info")), "machine_info.lab4 is missing"),
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
        ("lab4.schema_version", 2, "schema version 2 and this lab4 reads up to 1; upgrade lab4"),
        ("lab4.started_at", "yesterday", "lab4.started_at: not an ISO 8601 time"),
        ("lab4.started_at", "2026-01-31T12:00:00", "with a time zone"),
        ("lab4.started_at", "2026-02-31T12:00:00Z", "lab4.started_at"),
        ("lab4.planned", ["inference/cnn"], "lab4.planned.0: 'cnn' is not a cell id"),
        ("lab4.settings.seed", 1.5, "lab4.settings.seed"),
        ("machine_info.lab4.memory_bytes", -1, "machine_info.lab4.memory_bytes"),
        ("benchmarks.0.extra_info.lab4.schema_version", 3, "upgrade lab4"),
        (
            "benchmarks.0.extra_info.lab4.outcome.latency.samples.data",
            "AAAA",
            "the record of cnn-cpu-b1-onnx: samples are damaged",
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


def test_an_output_that_cannot_be_written_is_said_in_one_line(tmp_path):
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(OutputError, match="cannot write"):
        write_run(tmp_path / "file" / "run.json", DOCUMENT)


@anew
@given(st.lists(measured, max_size=3), st.lists(unmeasured, max_size=3))
def test_no_planned_cell_is_ever_missing(tmp_path, timed, others):
    cells = [Cell("inference", "cnn", (), "cpu", batch, "onnx") for batch in range(1, 9)]
    ended = [Measurement(cell, outcome) for cell, outcome in zip(cells, [*timed, *others], strict=False)]
    header = header_of_run(RUN) | {"planned": [cell.key for cell in cells]}
    rows = [row_of(each) for each in ended[: len(timed)]]
    run = read(tmp_path, run_document({}, None, rows, header, [to_plain(each) for each in ended[len(timed) :]]))
    assert [each.cell for each in run.measurements] == cells
    assert run.measurements[: len(ended)] == tuple(ended)
    assert {each.outcome for each in run.measurements[len(ended) :]} == {Unavailable(INTERRUPTED)}
