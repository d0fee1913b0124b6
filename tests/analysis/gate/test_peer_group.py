"""Which cells are peers, and which are measured with those that are measured again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lab4_gate_runs import CATALOGUE, CELLS, cell, run_with

from lab4.analysis.gate.peers import MIN_PEERS, PeerGroups
from lab4.analysis.gate.timed import OWN, comparison_of
from lab4.analysis.policy import Policy
from lab4.domain.figures import CellFigures

STRANGERS = ("tests/test_it.py::test_speed[a]", "tests/test_it.py::test_speed[b]")
TRAINING = ("train/cnn-cpu-b128-keras", "train/fcnn-cpu-b128-keras")
LITERT = [key for key in CELLS if "tflite" in key]


@given(
    st.permutations([*CELLS, *STRANGERS, *TRAINING]).flatmap(lambda all_: st.tuples(st.just(all_), st.integers(0, 9)))
)
def test_what_is_asked_for_is_measured_once_with_some_of_its_peers(drawn):
    among, count = drawn
    asked = among[:count]
    groups = PeerGroups(among, CATALOGUE)
    found = groups.with_controls(asked, among)
    assert len(found) == len(set(found))
    assert found[: len(asked)] == asked
    assert set(found) <= {peer for cell in asked for peer in groups.of(cell)}


def test_peers_are_run_by_one_runtime_in_the_same_way():
    groups = PeerGroups([*CELLS, *TRAINING, *STRANGERS], CATALOGUE)
    assert groups.of(LITERT[0]) == LITERT
    assert groups.runtime(LITERT[0]) == "litert"
    assert set(groups.with_controls(LITERT[:1], CELLS)) < set(LITERT)


def test_too_few_to_say_anything_are_no_peers():
    onnx = [key for key in CELLS if key.endswith("-onnx")]
    groups = PeerGroups([*onnx[:MIN_PEERS], *TRAINING, *STRANGERS], CATALOGUE)
    for key in (onnx[0], TRAINING[0], STRANGERS[0]):
        assert groups.of(key) == [key] == groups.with_controls([key], CELLS)
    assert groups.runtime(STRANGERS[0]) == ""


@pytest.mark.parametrize("sides", [(0, 1), (1,)])
def test_peers_that_were_not_measured_on_both_sides_show_nothing(sides):
    """Unavailable on both sides, or measured on one: the cell is judged as one without peers, and as widely."""
    onnx = [key for key in CELLS if key.endswith("-onnx")]
    absent = CellFigures("unavailable", reason="no such device")

    def error(others):
        runs = [run_with({onnx[0]: cell(), **others(side)}, side) for side in (0, 1)]
        tests = comparison_of(runs[:1], runs[1:], Policy()).tests
        (found,) = [each for each in tests if (each.cell, each.figure) == (onnx[0], "latency")]
        assert found.rule == OWN
        return found.standard_error

    state = {True: absent, False: cell()}
    assert error(lambda side: dict.fromkeys(onnx[1:], state[side in sides])) == error(lambda _: {})
