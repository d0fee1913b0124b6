"""Which cells are measured beside those that are asked about."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lab4.analysis.gate.adjustments import MIN_PEERS, cells_and_peers, peer_group_of, with_peer_group
from lab4_gate_runs import CELLS

STRANGERS = ("tests/test_it.py::test_speed[a]", "tests/test_it.py::test_speed[b]")
TRAINING = ("train/cnn-cpu", "train/fcnn-cpu")


@given(
    st.permutations([*CELLS, *STRANGERS, *TRAINING]).flatmap(lambda all_: st.tuples(st.just(all_), st.integers(0, 9)))
)
def test_whoever_is_asked_about_is_measured_once_with_kin_only(drawn):
    among, count = drawn
    asked = among[:count]
    found = with_peer_group(asked, among)
    assert len(found) == len(set(found))
    assert set(asked) <= set(found) <= set(among)
    assert {peer_group_of(cell) for cell in found} == {peer_group_of(cell) for cell in asked}


def test_kin_run_the_same_format_in_the_same_way():
    (cell, *_) = (key for key in CELLS if key.endswith("onnx"))
    assert with_peer_group([cell], CELLS) == [key for key in CELLS if key.endswith("-onnx")]


def test_too_few_to_say_anything_are_not_measured():
    onnx = [key for key in CELLS if key.endswith("-onnx")]
    assert with_peer_group(onnx[:1], onnx[:MIN_PEERS]) == onnx[:1]
    assert with_peer_group(TRAINING[:1], TRAINING) == [TRAINING[0]]
    assert with_peer_group(STRANGERS[:1], STRANGERS) == [STRANGERS[0]]


def test_one_that_is_not_among_the_others_is_measured_all_the_same():
    assert with_peer_group(["latency/cnn-cpu-b1-onnx"], []) == ["latency/cnn-cpu-b1-onnx"]


@pytest.mark.parametrize(
    ("cells", "measured", "words"),
    [(1, 1, "1 cell"), (1, 4, "1 cell and 3 of its peers"), (3, 3, "3 cells"), (3, 4, "3 cells and 1 of their peers")],
)
def test_they_are_counted_apart(cells, measured, words):
    assert cells_and_peers(cells, measured) == words
