import json
from importlib import metadata

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lab4_examples import CNN, FCNN, RUN
from lab4_strategies import INTERRUPTION, document_of, header_of_run, measured, row_of, runs, unmeasured

from lab4.domain.cell import Cell
from lab4.domain.errors import INTERRUPTED, OutputError
from lab4.domain.outcome import Failed, Measurement, Unavailable
from lab4.domain.run import Commit
from lab4.history.json_text import written
from lab4.history.plain import to_plain
from lab4.history.run_file import read_run, run_document, run_section, write_run

# The folder may serve several examples: each writes its file anew.
anew = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


def read(folder, document):
    path = folder / "run.json"
    path.write_bytes(written(document))
    return read_run(path)


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


def test_an_output_that_cannot_be_written_is_said_in_one_line(tmp_path):
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(OutputError, match="cannot write"):
        write_run(tmp_path / "file" / "run.json", document_of(RUN))


@anew
@given(st.lists(measured, max_size=3), st.lists(unmeasured, max_size=3))
def test_no_planned_cell_is_ever_missing(tmp_path, timed, others):
    cells = [Cell("latency", "cnn", (), "cpu", batch, "onnx") for batch in range(1, 9)]
    ended = [Measurement(cell, outcome) for cell, outcome in zip(cells, [*timed, *others], strict=False)]
    header = header_of_run(RUN) | {"planned": [cell.key for cell in cells]}
    rows = [row_of(each) for each in ended[: len(timed)]]
    run = read(tmp_path, run_document({}, None, rows, header, [to_plain(each) for each in ended[len(timed) :]]))
    assert [each.cell for each in run.measurements] == cells
    assert run.measurements[: len(ended)] == tuple(ended)
    assert {each.outcome for each in run.measurements[len(ended) :]} == {Unavailable(INTERRUPTED)}
