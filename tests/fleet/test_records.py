"""What the driver keeps: each line once, in whatever order and however often it comes."""

import json
from contextlib import closing

import pytest
from lab4_strategies import document_of, header_of_run, row_of
from worksheet_factory import realistic

from lab4.domain.errors import RecordError
from lab4.domain.outcome import Measured
from lab4.fleet.journal_tail import JournalTail
from lab4.fleet.recording import RunRecord
from lab4.fleet.state import FleetState, MachineState, read_state
from lab4.history.journal import Journal
from lab4.history.json_text import written
from lab4.history.run_file import read_run
from lab4.history.store import open_store


@pytest.fixture
def store(tmp_path):
    with closing(open_store(f"sqlite:///{tmp_path / 'history.sqlite'}")) as opened:
        yield opened


@pytest.fixture
def source(tmp_path):
    """The lines of a node's journal, and its run file."""
    run = realistic(calls=20, models=("cnn",))
    with closing(Journal.create(tmp_path / "node" / "journal.jsonl", header_of_run(run))) as journal:
        for each in run.measurements:
            journal.append(each, row_of(each) if isinstance(each.outcome, Measured) else None)
    return journal.path.read_bytes().splitlines(keepends=True), written(document_of(run))


def test_lines_come_once_as_they_are_written_and_half_a_line_later(tmp_path):
    path = tmp_path / "journal.jsonl"
    tail = JournalTail(path)
    assert list(tail.lines()) == []
    path.write_bytes(b'{"header": 1}\n{"crc32": 1, "key')
    assert list(tail.lines()) == [b'{"header": 1}\n']
    with path.open("ab") as file:
        file.write(b'": 2}\n{"crc32": 3, "round": {}}\n')
    assert list(tail.lines()) == [b'{"crc32": 1, "key": 2}\n']
    path.unlink()
    assert list(tail.lines()) == []


def test_cells_are_in_the_history_before_the_run_ends_and_once_after_it(tmp_path, store, source):
    lines, content = source
    record = RunRecord(tmp_path / "driver", store, {"id": "abc", "dirty": False})
    for some in (lines[:2], lines[:3], lines):  # a run that is continued sends all of its lines again
        record.take(some)
    (entry,) = store.entries()
    assert (entry.cells, entry.complete, entry.revision) == (len(lines) - 1, False, "abc")
    record.end(content)
    (entry,) = store.entries()
    assert (entry.cells, entry.complete, entry.revision) == (len(lines) - 1, True, "abc")
    assert store.document(entry.number) == (tmp_path / "driver" / "run.json").read_bytes()
    assert len(record.ended) == len(lines) - 1
    record.take(lines[1:2])  # one that comes late
    assert not (tmp_path / "driver" / "journal.jsonl").exists()


def test_a_driver_that_was_killed_finds_what_it_had(tmp_path, store, source):
    lines, content = source
    first = RunRecord(tmp_path / "driver", store, None)
    first.take(lines[:3])
    first.close()
    second = RunRecord(tmp_path / "driver", store, None)
    assert second.ended == first.ended
    assert len(second.ended) == 2
    second.end(content)
    assert [each.cells for each in store.entries()] == [len(lines) - 1]


def test_a_node_that_was_lost_leaves_a_run_of_what_had_ended(tmp_path, store, source):
    lines, content = source
    record = RunRecord(tmp_path / "driver", store, None)
    record.take(lines[:3])
    record.end(None)
    run = read_run(tmp_path / "driver" / "run.json")
    assert not run.complete
    assert run.ended_cells == 2
    record.close()
    again = RunRecord(tmp_path / "driver", store, None)  # its machine has come back
    again.end(content)
    assert [(each.cells, each.complete) for each in store.entries()] == [(len(lines) - 1, True)]


def test_a_file_that_has_less_than_what_has_come_takes_nothing_away(tmp_path, store, source):
    lines, content = source
    first = RunRecord(tmp_path / "early", store, None)
    first.take(lines[:2])
    first.end(None)
    first.close()
    record = RunRecord(tmp_path / "driver", store, None)
    record.take(lines[:4])
    record.end((tmp_path / "early" / "run.json").read_bytes())
    assert read_run(tmp_path / "driver" / "run.json").ended_cells == 3
    assert (tmp_path / "driver" / "journal.jsonl").exists()
    record.take(lines[4:5])
    assert len(record.ended) == 4
    record.end(content)
    assert read_run(tmp_path / "driver" / "run.json").complete
    assert not (tmp_path / "driver" / "journal.jsonl").exists()


def test_a_driver_that_was_killed_after_the_last_cell_makes_the_file_of_its_journal(tmp_path, store, source):
    lines, _ = source
    first = RunRecord(tmp_path / "driver", store, None)
    first.take(lines)
    first.close()
    second = RunRecord(tmp_path / "driver", store, None)
    assert second.is_behind
    second.end(None)
    assert not second.is_behind
    assert second.figures is not None
    assert [(each.cells, each.complete) for each in store.entries()] == [(len(lines) - 1, True)]
    assert not (tmp_path / "driver" / "journal.jsonl").exists()


def test_a_journal_that_is_cut_or_written_anew_is_read_from_its_beginning(tmp_path):
    path = tmp_path / "journal.jsonl"
    path.write_bytes(b'{"header": 1}\n{"damaged\n')
    tail = JournalTail(path)
    assert len(list(tail.lines())) == 2
    path.write_bytes(b'{"header": 1}\n')  # as a run does that goes on
    assert list(tail.lines()) == [b'{"header": 1}\n']
    (tmp_path / "other").write_bytes(b'{"header": 1}\n{"crc32": 1, "key": 2}\n')
    (tmp_path / "other").replace(path)
    assert len(list(tail.lines())) == 2


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (lambda line: line.replace(b"measured", b"measures", 1), "checksum"),
        (lambda line: line[: len(line) // 2] + b"\n", "cut off"),
        (lambda line: b"\0" * len(line), "not JSON"),
        (lambda _: b"[]\n", "neither a round nor a cell"),
        (lambda line: line.replace(b"cnn", b"fcnn"), "checksum"),
    ],
)
def test_a_line_that_is_damaged_costs_its_own_cell_and_comes_again(tmp_path, store, source, damage, reason):
    lines, content = source
    record = RunRecord(tmp_path / "driver", store, None)
    (said,) = record.take([lines[0], damage(lines[1]), *lines[2:4], damage(lines[1])])
    assert reason in said
    assert len(record.ended) == 2
    assert [each.cells for each in store.entries()] == [2]
    assert record.take(lines) == []
    assert len(record.ended) == len(lines) - 1
    assert record.end(content) == ""
    assert [(each.cells, each.complete) for each in store.entries()] == [(len(lines) - 1, True)]


def test_a_damaged_first_line_is_refused_with_those_after_it(tmp_path, store, source):
    lines, _ = source
    record = RunRecord(tmp_path / "driver", store, None)
    assert len(record.take([lines[0][:40] + b"\n", *lines[1:]])) == 2
    assert record.end(None) == ""
    assert (record.ended, store.entries()) == (set(), [])
    assert record.take(lines) == []
    record.close()


def test_cells_and_files_of_another_run_are_refused(tmp_path, store, source):
    lines, content = source
    moment = json.loads(lines[0])["started_at"]
    other = [each.replace(moment[:4].encode(), b"1999") for each in (lines[0], content)]
    record = RunRecord(tmp_path / "driver", store, None)
    record.take(lines[:2])
    assert record.take([other[0], *lines[2:]]) == [f"it is of another run, which began at 1999{moment[4:]}"]
    assert len(record.ended) == 1
    assert record.end(other[1]).startswith("it is of another run")
    assert read_run(tmp_path / "driver" / "run.json").ended_cells == 1
    header = json.loads(lines[0])
    few = written(header | {"planned": header["planned"][:1]})
    strange = RunRecord(tmp_path / "strange", store, None)
    assert "is no cell of this run" in strange.take([few, *lines[1:]])[0]
    assert len(strange.ended) == 1
    for each in (record, strange):
        each.close()


@pytest.mark.parametrize("content", [b"", b"[]", b'{"benchmarks": []}', b"\0\0"])
def test_a_damaged_file_at_the_end_leaves_what_had_come(tmp_path, store, source, content):
    lines, _ = source
    record = RunRecord(tmp_path / "driver", store, None)
    record.take(lines[:3])
    said = record.end(content)
    record.close()
    assert "its run.json" in said
    assert read_run(tmp_path / "driver" / "run.json").ended_cells == 2


@pytest.mark.parametrize("name", ["journal.jsonl", "run.json"])
def test_what_is_damaged_on_the_drivers_own_disk_says_where_another_copy_is(tmp_path, store, name):
    (tmp_path / "driver").mkdir()
    (tmp_path / "driver" / name).write_text("damaged\n")
    with pytest.raises(RecordError, match=rf"{name}.*; remove {name}, and run the same command again: its node sends"):
        RunRecord(tmp_path / "driver", store, None)


def test_the_state_of_a_run_comes_back(tmp_path):
    state = FleetState.new(("benchmarks", "-m", "inference"), "sqlite:///x")
    state.machines.append(MachineState("ab", "box", "kind", ("latency/cnn-cpu-b1-onnx",), runs=("ab",), done=1))
    state.built["cnn"] = {"key": "digest"}
    state.write(tmp_path)
    assert read_state(tmp_path) == state
    assert read_state(tmp_path / "elsewhere") is None


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"fleet_schema": 1}', '{"fleet_schema": 2, "fleet": "x"}'])
def test_a_state_that_is_none_is_refused_in_one_sentence(tmp_path, text):
    (tmp_path / "fleet.json").write_text(text)
    with pytest.raises(RecordError, match=r"cannot read .*fleet\.json"):
        read_state(tmp_path)
