import json
from dataclasses import replace

import pytest
from lab4_examples import RUN
from lab4_strategies import document_of

from lab4.domain.errors import RecordError
from lab4.history.run_file import write_run
from lab4.reading.runs import baselines_at, figures_in, json_files, runs_at

#: What plain pytest-benchmark saves, as far as it is read.
PLAIN = {
    "machine_info": {"node": "box", "cpu": {"brand_raw": "CPU", "count": 2}, "system": "Linux", "release": "6"},
    "commit_info": {"id": "c0ffee", "dirty": False},
    "datetime": "2026-01-01T00:00:00+00:00",
    "benchmarks": [{"fullname": "test_x.py::test_it", "stats": {"min": 1e-3, "median": 2e-3, "iterations": 1}}],
}


@pytest.fixture
def told():
    return []


def test_a_run_and_a_file_of_plain_pytest_benchmark_are_read(tmp_path, told):
    write_run(tmp_path / "b.json", document_of(RUN))
    (tmp_path / "a.json").write_text(json.dumps(PLAIN))
    plain, ours = runs_at([tmp_path], told.append)
    assert plain.cells["test_x.py::test_it"].values == {"latency": 1e-3, "p50": 2e-3}
    assert set(ours.cells) == {each.cell.key for each in RUN.measurements}
    assert told == []


@pytest.mark.parametrize(
    "stats",
    [
        {"min": 0.0, "median": 1e-3},
        {"min": 1e-3, "median": float("inf")},
        {"min": 1e-3, "median": 1e-3, "data": [1e-3, float("nan")]},
    ],
)
def test_a_time_that_no_call_takes_is_no_figure(stats):
    document = {**PLAIN, "benchmarks": [{"fullname": "it", "stats": stats}]}
    (found,) = figures_in(json.dumps(document).encode(), "a.json").cells.values()
    assert (found.state, found.values) == ("failed", {})


def test_a_file_named_twice_is_one_run(tmp_path, told):
    path = tmp_path / "run.json"
    write_run(path, document_of(RUN))
    assert len(runs_at([path, tmp_path, path], told.append)) == 1


def test_in_a_folder_what_is_no_run_is_passed_over_and_what_is_damaged_is_not(tmp_path, told):
    (tmp_path / "settings.json").write_text("[1]")
    assert runs_at([tmp_path], told.append) == []
    assert "settings.json: it is not a run" in told[0]
    (tmp_path / "cut.json").write_text('{"benchmarks": [')
    with pytest.raises(RecordError, match=r"cut\.json: it is cut off"):
        runs_at([tmp_path], told.append)
    (tmp_path / "cut.json").write_text(json.dumps(document_of(RUN))[:40])  # before anything that tells a run
    with pytest.raises(RecordError, match=r"cut\.json: it is cut off"):
        runs_at([tmp_path], told.append)
    (tmp_path / "cut.json").write_text("")
    with pytest.raises(RecordError, match=r"cut\.json: it is empty"):
        runs_at([tmp_path], told.append)


def test_a_project_of_our_name_is_read_as_any_other(tmp_path, told):
    (tmp_path / "a.json").write_text(json.dumps(PLAIN | {"commit_info": {"id": "c0ffee", "project": "lab4"}}))
    (run,) = runs_at([tmp_path], told.append)
    assert run.cells["test_x.py::test_it"].state == "measured"


@pytest.mark.parametrize("content", [b"[]", b"{}", b'{"benchmarks": []}', b"\xff", b'{"benchmarks": 1}'])
def test_a_file_that_was_named_is_refused_by_name(content):
    with pytest.raises(RecordError, match="cannot read x"):
        figures_in(content, "x")


def test_files_stay_as_they_are_and_folders_are_searched(tmp_path):
    (tmp_path / "in").mkdir()
    for name in ("in/b.json", "a.json", "a.txt"):
        (tmp_path / name).write_text("")
    assert json_files([tmp_path, tmp_path / "none.json"]) == [
        tmp_path / "a.json",
        tmp_path / "in" / "b.json",
        tmp_path / "none.json",
    ]


def test_a_baseline_that_is_not_there_is_said_and_no_error(tmp_path):
    told = []
    assert baselines_at([tmp_path / "none.json"], told.append) == []
    assert told == [f"there is no baseline at {tmp_path / 'none.json'}"]


def test_copies_of_a_run_count_as_one_baseline(tmp_path, told):
    for name in ("a.json", "b.json", "c.json"):
        write_run(tmp_path / name, document_of(RUN))
    write_run(tmp_path / "d.json", document_of(replace(RUN, started_at="2026-02-01T00:00:00+00:00")))
    assert len(baselines_at([tmp_path], told.append)) == 2
    assert told == [
        f"{tmp_path / name} is the same run as {tmp_path / 'a.json'}: it counts once" for name in ("b.json", "c.json")
    ]


def test_runs_are_in_the_order_of_time_whatever_their_zones(tmp_path, told):
    times = ["2026-01-01T12:00:00+00:00", "2026-01-01T13:30:00+02:00", "2026-01-01T09:00:00-05:00"]
    for number, time in enumerate(times):
        (tmp_path / f"{number}.json").write_text(json.dumps({**PLAIN, "datetime": time}))
    assert [run.started_at for run in runs_at([tmp_path], told.append)] == [times[1], times[0], times[2]]
