"""Artifacts that are examined next to each other, in processes of their own, are what each by itself is."""

import signal
import sys
import threading
from dataclasses import replace

import pytest
from lab4_javascript import NODE

from lab4.bench import examinations
from lab4.bench.bench import Bench
from lab4.bench.examinations import Examination, examined_together
from lab4.domain.cell import Cell
from lab4.domain.errors import ConversionError

KEYS = [f"examine/fcnn-cpu-{form}" for form in ("keras", "tflite_float32", "tflite_int8", "onnx", "saved_model")]
NOT_HERE = Cell.from_key("examine/fcnn-gpu-keras")


@pytest.fixture(autouse=True)
def two_cores(monkeypatch):
    """Two at a time, however many cores there are."""
    monkeypatch.setattr(examinations, "lanes_for", lambda count: min(count, 2))


@pytest.fixture
def another(bench, built):
    """A bench that finds all of it built, and has examined nothing."""
    for key in KEYS:
        built(key)
    warnings = []
    other = Bench(bench.order, warnings.append)
    yield other
    other.close()
    assert warnings == []


def examined(bench, cell):
    return bench.examine(cell, bench.artifact(cell, bench.model(cell)))


def test_what_was_examined_together_is_what_each_is_by_itself(bench, another):
    steps, cells = [], list(map(Cell.from_key, KEYS))
    another.examine_ahead([*cells, NOT_HERE], steps.append)
    assert sorted(step.done for step in steps) == list(range(len(KEYS)))
    assert {(step.phase, step.total, step.things) for step in steps} == {("examining", len(KEYS), "artifacts")}
    assert {step.cell for step in steps} == {cell.id for cell in cells}
    another.hosts.of(cells[0]).predict = pytest.fail  # nothing is computed twice
    for cell in cells:
        together, alone = examined(another, cell), examined(bench, cell)
        assert len(together.loading.samples_s) == bench.order.profile.loads
        assert replace(together, loading=alone.loading) == alone


@NODE
@pytest.mark.skipif(sys.version_info >= (3, 13), reason="tensorflowjs does not exist for Python 3.13")
def test_what_an_engine_runs_is_examined_with_the_others(bench, another, built):
    cell, artifact = built("examine/fcnn-cpu-tfjs")
    another.examine_ahead([Cell.from_key(KEYS[0]), cell], lambda _: None)
    host = another.hosts.of(cell)
    assert host is not another.hosts.of(Cell.from_key(KEYS[0]))
    host.predict = pytest.fail  # nothing is computed twice
    together, alone = examined(another, cell), bench.examine(cell, artifact)
    assert replace(together, loading=alone.loading) == alone


def test_processes_that_were_started_for_it_have_ended(another):
    another.examine_ahead(list(map(Cell.from_key, KEYS)), print)
    running = {name for name, worker in another.processes._workers.items() if worker.generation is not None}
    assert "tensorflow" in running
    assert not any("examination" in name for name in running)


def test_an_artifact_that_is_damaged_is_left_to_its_own_test_and_stops_no_other(bench, built, tmp_path):
    wanted = []
    for key in KEYS:
        cell, artifact = built(key)
        asked = bench._examination(cell, artifact)
        if cell.format == "onnx":
            (tmp_path / "model.onnx").write_bytes(b"damaged")
            asked = replace(asked, built=replace(artifact, path=tmp_path / "model.onnx"))
            asked = replace(asked, spec=replace(asked.spec, path=tmp_path / "model.onnx"))
        wanted.append(asked)
    found = examined_together(wanted, bench.processes, lambda *_: None)
    assert found.keys() == {each.key for each in wanted if each.cell.format != "onnx"}
    with pytest.raises(ConversionError):
        bench.examine(wanted[3].cell, wanted[3].built)


def test_an_interrupt_ends_what_is_being_examined(another, monkeypatch):
    monkeypatch.setattr(Examination, "made", lambda _self, _predict, worker: worker.call(signal.pause))
    begun = []

    def begins(*step):
        begun.append(step)
        if len(begun) == 2:
            signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)

    cells = list(map(Cell.from_key, KEYS))
    wanted = [another._examination(cell, another.artifact(cell, another.model(cell))) for cell in cells]
    with pytest.raises(KeyboardInterrupt):
        examined_together(wanted, another.processes, begins)
    assert len(begun) == 2


def test_on_one_core_all_are_left_to_their_tests(another, monkeypatch):
    monkeypatch.setattr(examinations, "lanes_for", lambda _: 1)
    another.examine_ahead(list(map(Cell.from_key, KEYS)), pytest.fail)
    assert examined(another, Cell.from_key(KEYS[1])).metrics
