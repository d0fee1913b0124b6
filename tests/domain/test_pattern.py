import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab4.domain.errors import Lab4Error
from lab4.domain.pattern import is_like, selected

CELLS = ["latency/cnn-cpu-b1-onnx", "latency/fcnn-cpu-b1-onnx", "examine/cnn-cpu-onnx"]


@pytest.mark.parametrize(
    ("pattern", "count"),
    [
        ("*", 3),
        ("cnn-*", 2),
        ("latency/*", 2),
        ("latency/cnn-*,fcnn-*", 2),
        ("cnn-cpu-onnx , fcnn-cpu-b1-onnx", 2),
        ("cnn-cpu-b1-onnx,", 1),
    ],
)
def test_several_patterns_are_separated_by_commas(pattern, count):
    assert selected(CELLS, pattern) == [cell for cell in CELLS if is_like(cell, pattern)]
    assert len(selected(CELLS, pattern)) == count


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ("cnn-*,latency/rnn-*", r"no cell is like 'latency/rnn-\*'; "),
        ("cnn-cpu-b1-onxx", r"no cell is like 'cnn-cpu-b1-onxx'; did you mean cnn-cpu-b1-onnx or "),
        ("inferense/cnn-cpu-b1-onnx", "did you mean latency/cnn-cpu-b1-onnx"),
        ("zzz", "no cell is like 'zzz'; cells are named as in latency/cnn-cpu-b1-onnx"),
        ("", "--cells is empty"),
        (" , ", "--cells is empty"),
    ],
)
def test_a_pattern_that_is_like_no_cell_is_refused_with_what_is_near(pattern, message):
    with pytest.raises(Lab4Error, match=message):
        selected(CELLS, pattern)


@given(st.text(min_size=1).filter(lambda text: "\n" not in text))
def test_every_name_is_like_itself_whatever_is_in_it(name):
    assert is_like(name, name)


def test_a_name_with_a_comma_can_be_selected_by_itself():
    names = ["test_plain.py::test_sum[1,2]", "test_plain.py::test_sum[2,3]"]
    assert selected(names, names[0]) == names[:1]
