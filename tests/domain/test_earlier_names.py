"""Keys and patterns of earlier versions are read in present terms."""

import pytest
from hypothesis import given
from lab4_strategies import cells

from lab4.domain.cell import Cell
from lab4.domain.pattern import current_key, current_pattern


@pytest.mark.parametrize(
    ("earlier", "key"),
    [
        ("training/cnn-cpu-b128-keras", "train/cnn-cpu-b128-keras"),
        ("inference/cnn-cpu-b1-keras_predict", "latency/cnn-cpu-b1-keras:predict"),
        ("quantization/cnn-cpu-tflite_int8", "examine/cnn-cpu-tflite_int8"),
        ("pruning/cnn.pruned80-cpu-keras", "examine/cnn.pruned80-cpu-keras"),
        ("deployment/cnn-cpu-tfjs", "examine/cnn-cpu-tfjs"),
    ],
)
def test_an_earlier_key_is_a_cell_now(earlier, key):
    assert current_key(earlier) == key
    assert Cell.from_key(key).key == key


@given(cells)
def test_a_present_key_stays(cell):
    assert current_key(cell.key) == cell.key


def test_names_of_other_benchmarks_stay():
    assert current_key("test_sort[a/b]") == "test_sort[a/b]"


def test_patterns_too():
    assert current_pattern("inference/*, pruning/cnn-*,*-keras_predict") == "latency/*, examine/cnn-*, *-keras:predict"
