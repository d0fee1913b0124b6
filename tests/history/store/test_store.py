import os
import signal
import subprocess
import sys
from dataclasses import replace
from random import Random

import pytest
from lab4_gate_runs import CELLS, lucky, run_with
from sqlalchemy import select, update

from lab4.domain.errors import HistoryError, RecordError
from lab4.domain.figures import CellFigures
from lab4.domain.observed import Answers, KeptOutput
from lab4.history.store import open_store
from lab4.history.store.tables import CELLS as CELLS_TABLE
from lab4.history.store.tables import RUNS

INT8 = "latency/cnn-cpu-b1-tflite_int8"

#: Adds so many runs of its own to a history, one after the other.
WRITER = """
import sys
from dataclasses import replace
from random import Random
sys.path.insert(0, {tests!r})
from lab4.history.store import open_store
from lab4_gate_runs import lucky
store = open_store({address!r})
for number, run in enumerate(lucky(Random(int(sys.argv[1])), int(sys.argv[2]))):
    run = replace(run, machine=replace(run.machine, node=sys.argv[1]))
    store.add(run, f"{{sys.argv[1]}} {{number}}".encode(), "x")
    print(number, flush=True)
"""


def writer(address, seed, count):
    tests = os.path.dirname(sys.modules["lab4_gate_runs"].__file__)  # noqa: PTH120  # a text is wanted
    return subprocess.Popen(
        [sys.executable, "-c", WRITER.format(tests=tests, address=address), str(seed), str(count)],
        stdout=subprocess.PIPE,
        text=True,
    )


def test_what_was_added_comes_back(store):
    cells = {
        INT8: CellFigures(
            "measured", {"latency": 1e-3, "accuracy": 0.5}, {"latency": 2.0}, {"p99": "too few calls"}, calls=60
        ),
        "accuracy/cnn-cpu-onnx": CellFigures("measured", {"accuracy": 0.5}, correct=(True, False, True)),
        "examine/cnn-cpu-onnx": CellFigures(
            "measured",
            {"size": 1e6},
            artifact="ab" * 32,
            answers=Answers("cd" * 32, "ef" * 32, 1e-5, {"y": KeptOutput("float32", (2, 1), 0.5, (0.5, -0.25))}),
            runtime="onnxruntime",
        ),
        "latency/cnn-gpu-b1-keras": CellFigures("unavailable", reason="no GPU \u2013 here"),
    }
    run = run_with(cells)
    number = store.add(run, b"{}", "run.json")
    assert store.runs() == [run]
    assert store.runs()[0].source == "run.json"
    assert [each.number for each in store.entries()] == [number]
    assert store.entries()[0].cells == 4
    assert store.points(INT8)[0].figures == cells[INT8]
    assert store.cells() == sorted(cells)


def test_a_run_is_there_once(store):
    run = run_with({})
    assert store.add(run, b"{}", "run.json") is not None
    assert store.has(b"{}")
    assert not store.has(b"{ }")
    assert store.add(run, b"{}", "again.json") is None
    assert len(store.entries()) == 1


def test_runs_come_in_the_order_of_time_whatever_their_zone(store):
    for number, moment in enumerate(["2026-03-01T10:00:00+02:00", "2026-03-01T09:00:00Z", "2026-03-01T08:30:00+00:00"]):
        store.add(run_with({}, started_at=moment), str(number).encode(), str(number))
    assert [each.source for each in store.entries()] == ["0", "2", "1"]
    assert [each.source for each in store.entries(2)] == ["2", "1"]
    assert [each.source for each in store.runs(last=1)] == ["1"]


def test_the_last_runs_of_one_machine(store):
    random = Random(1)
    for number, run in enumerate(lucky(random, 4)):
        machine = replace(run.machine, cpu="Another" if number % 2 else "One")
        store.add(replace(run, machine=machine), str(number).encode(), str(number))
    one = store.runs()[0].machine.hardware_id
    assert [run.source for run in store.runs(last=1, hardware=one)] == ["2"]


def test_removed_runs_are_gone_with_their_cells(store):
    numbers = [store.add(run, run.source.encode(), run.source) for run in lucky(Random(2), 3)]
    store.remove(numbers[:2])
    assert [each.number for each in store.entries()] == numbers[2:]
    assert len(store.points(INT8)) == 1


def test_a_document_comes_back_as_it_was(store, tmp_path):
    path = tmp_path / "run.json"
    path.write_bytes(b'{"a": 1}')
    number = store.add(run_with({}), path.read_bytes(), str(path))
    assert store.document(number) == b'{"a": 1}'
    with pytest.raises(HistoryError, match="has no run 999"):
        store.document(999)


@pytest.mark.parametrize("damage", [lambda whole: whole[:-6], lambda _: b"no gzip", lambda whole: whole[:12] + b"xxxx"])
def test_a_document_that_is_damaged_is_told(store, damage):
    number = store.add(run_with({}), b'{"a": 1}', "run.json")
    if store.folder is not None:
        pytest.skip("a folder keeps the file itself")
    with store._engine.begin() as connection:  # as a disk may
        whole = connection.execute(select(RUNS.c.document)).scalar_one()
        connection.execute(update(RUNS).values(document=damage(whole)))
    with pytest.raises(HistoryError, match=f"the file of run {number} .* is damaged"):
        store.document(number)


def test_a_file_that_is_gone_is_told(tmp_path):
    store = open_store(str(tmp_path))
    number = store.add(run_with({}), b"{}", str(tmp_path / "gone.json"))
    with pytest.raises(HistoryError, match=r"cannot be read: .*gone\.json"):
        store.document(number)
    store.close()


def test_concurrent_writers_lose_nothing(address):
    # Nothing has made the tables yet: that is part of what they do at once.
    writers = [writer(address, seed, 12) for seed in (1, 2, 3)]
    for each in writers:
        each.communicate()
        assert each.returncode == 0
    store = open_store(address)
    entries = store.entries()
    assert len(entries) == 36
    assert {each.cells for each in entries} == {len(CELLS)}
    store.close()


def test_a_killed_writer_leaves_only_whole_runs(address):
    process = writer(address, 1, 600)
    with process:
        for line in process.stdout:
            if line.strip() == "5":
                process.send_signal(signal.SIGKILL)
                break
    store = open_store(address)
    entries = store.entries()
    assert len(entries) >= 6
    assert {each.cells for each in entries} == {len(CELLS)}
    store.add(run_with({}), b"after", "after")
    store.close()


def test_a_cell_that_cannot_be_written_takes_its_run_with_it(store):
    bad = run_with({INT8: CellFigures("measured", {"latency": float("nan")})})
    with pytest.raises(RecordError, match=r"cannot be kept in a history: .*JSON"):
        store.add(bad, b"bad", "bad")
    assert store.entries() == []


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("mysql://a@b/c", "kept in sqlite or postgresql"),
        ("nonsense://x", "no such database|kept in sqlite"),
        ("://", "is not a database URL"),
        ("postgresql://nobody:secret@127.0.0.1:1/none", "does not answer"),
        ("postgresql://nobody:secret@127.0.0.1:port/none", "is not a database URL"),
        ("sqlite:///x.db?timeout=abc", "is not an address of a history"),
        ("sqlite:///x.db?detect_types=99999999999999999999", "is not an address of a history"),
        ("sqlite://", "is gone when the command ends"),
        ("sqlite:///:memory:", "is gone when the command ends"),
        ("sqlite:///file:x?mode=memory&uri=true", "is gone when the command ends"),
        ("sqlite:////nowhere/at/all/h.sqlite", "does not answer"),
    ],
)
def test_an_address_that_is_none_is_refused(address, message):
    with pytest.raises(HistoryError, match=message) as raised:
        open_store(address)
    assert "secret" not in str(raised.value)


@pytest.mark.parametrize("number", [0, -1, 2, 2**31, 2**63, 10**20])
def test_a_number_that_no_run_has_is_told(store, number):
    store.add(run_with({}), b"{}", "run.json")
    for ask in (store.run, store.document):
        with pytest.raises(HistoryError, match=f"has no run {number}; see lab4 history list"):
            ask(number)


@pytest.mark.parametrize("last", [2**31, 10**20])
def test_more_runs_than_a_history_counts_are_refused(store, last):
    for ask in (store.entries, store.runs):
        with pytest.raises(HistoryError, match="has no such number of runs; name a smaller one"):
            ask(last)


@pytest.mark.parametrize(
    "figures",
    [
        *("", "[]", "{}", '{"state": "measured", "values": {"latency": "fast"}}'),
        *(f'{{"state": "measured", "calls": {calls}}}' for calls in ("-60", "NaN", '"many"', "null")),
    ],
)
def test_an_entry_that_is_damaged_is_told(store, figures):
    number = store.add(run_with({INT8: CellFigures("measured", {"latency": 1e-3})}), b"{}", "run.json")
    with store._engine.begin() as connection:  # as a disk may
        connection.execute(CELLS_TABLE.update().values(figures=figures))
    for ask in (store.runs, lambda: store.points(INT8)):
        with pytest.raises(HistoryError, match=f"the entry of {INT8} in run {number} .* is damaged"):
            ask()


def test_a_file_that_is_no_database_is_refused(tmp_path):
    (tmp_path / "lab4-history.sqlite").write_bytes(b"not a database, by far" * 100)
    with pytest.raises(HistoryError, match="not a database"):
        open_store(str(tmp_path))
    with pytest.raises(HistoryError, match="is a file"):
        open_store(str(tmp_path / "lab4-history.sqlite"))


def test_a_file_that_is_another_run_by_now_is_not_taken_for_the_saved_one(tmp_path):
    store = open_store(str(tmp_path))
    (tmp_path / "run.json").write_bytes(b'{"another": 1}')
    number = store.add(run_with({}), b"{}", str(tmp_path / "run.json"))
    with pytest.raises(HistoryError, match=r"run\.json, has another run by now; its figures are still there"):
        store.document(number)
    store.close()
