"""A machine that is slower or noisier than its kind is named, and no other."""

from dataclasses import replace
from random import Random

import pytest
from lab4_gate_runs import run_with

from lab4.domain.figures import CellFigures
from lab4.fleet.peers import MachineRuns, outliers

NAMES = tuple(f"latency/cnn-cpu-b{size}-onnx" for size in (1, 2, 4, 8, 16))


def machine(name, slower=1.0, noisier=1.0, kind="same", **more):
    cells, random = more.get("cells", NAMES), Random(f"{name} {more.get('seed', 0)}")
    found = {}
    for number, key in enumerate(cells, 1):
        fast = number * 1e-3 * slower * random.lognormvariate(0, 0.005)
        found[key] = CellFigures("measured", {"latency": fast, "p50": fast * 1.1 * noisier})
    return MachineRuns(name, kind, [run_with(found)])


def test_the_slow_one_is_named_with_how_much():
    machines = [machine("a"), machine("b"), machine("c", slower=1.3), machine("d")]
    (said,) = outliers(machines)
    assert said.startswith(("c is 30% slower", "c is 29% slower", "c is 31% slower"))
    assert said.endswith("of the 4 machines of its kind; run there: lab4 doctor")


def test_the_noisy_one_is_named():
    machines = [machine("a"), machine("b", noisier=1.4), machine("c")]
    (said,) = outliers(machines)
    assert said.startswith("b is noisier: its median calls are 40% further from its fast ones")


@pytest.mark.parametrize("seed", range(20))
def test_machines_that_differ_as_runs_do_are_not_named(seed):
    assert outliers([machine(name, seed=seed) for name in "abcdefgh"]) == []


def test_another_kind_two_machines_and_two_cells_show_nothing():
    assert outliers([machine("a"), machine("b"), machine("c", slower=3, kind="other")]) == []
    assert outliers([machine("a"), machine("b", slower=2)]) == []
    assert outliers([machine(name, slower=1 + (name == "c"), cells=NAMES[:2]) for name in "abc"]) == []


def test_a_run_that_another_machine_has_ended_counts_with_the_first():
    whole = machine("c", slower=1.3)
    cells = list(whole.runs[0].cells.items())
    halves = [replace(whole.runs[0], cells=dict(part)) for part in (cells[:2], cells[2:])]
    assert len(outliers([machine("a"), machine("b"), replace(whole, runs=halves)])) == 1
