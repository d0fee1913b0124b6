"""What is built already is found before it is needed, by no process and without building anything."""

from dataclasses import replace

import pytest

from lab4.bench.bench import Bench
from lab4.domain.cell import Cell

KEYS = ["examine/fcnn-cpu-onnx", "examine/fcnn-cpu-keras", "train/fcnn-cpu-b128-keras"]
CELLS = list(map(Cell.from_key, KEYS))


@pytest.fixture
def another(bench, built):
    """A function that makes a bench of the same cache, in which these cells' artifacts are."""
    for key in KEYS[:2]:
        built(key)
    made = []

    def make(**changes):
        made.append(Bench(replace(bench.order, **changes), pytest.fail))
        return made[-1]

    yield make
    for each in made:
        each.close()


def running(bench):
    return [name for name, worker in bench.processes._workers.items() if worker.generation is not None]


def test_what_the_cache_has_is_found(another):
    bench = another()
    bench.look_up(CELLS)
    assert len(bench.builds.keys) == 3  # the model and two artifacts
    assert [bench.artifact(cell, bench.model(cell)).path.exists() for cell in CELLS[:2]] == [True, True]
    assert running(bench) == []


def test_what_it_has_not_is_left_to_be_built(another):
    bench = another(seed=99)
    bench.look_up(CELLS)
    assert bench.builds.keys == ()
    assert list((bench.order.cache / "building").iterdir()) == []
    assert running(bench) == []
    assert bench.model(CELLS[0]).folder.is_dir()
