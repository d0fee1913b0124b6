"""What the driver keeps: each line once, in whatever order and however often it comes."""

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


def test_a_line_that_is_damaged_on_its_way_is_refused(tmp_path, store, source):
    lines, _ = source
    record = RunRecord(tmp_path / "driver", store, None)
    record.take(lines[:1])
    with pytest.raises(RecordError, match="checksum"):
        record.take([lines[1].replace(b"measured", b"measures", 1)])
    record.close()


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
