import pytest
from hypothesis import given
from hypothesis import strategies as st
from worksheet_factory import at, run, weighed

from lab4.analysis.measures import MEASURES
from lab4.analysis.observations import observations_of
from lab4.analysis.subject import Subject


@given(st.integers(1, 10**9), st.integers(1, 10**9))
def test_size_reduction_and_relative_size_make_one(mine, whole):
    made = observations_of(
        [run(at("examine/cnn-cpu-onnx", weighed(disk=mine)), at("examine/cnn-cpu-keras", weighed(disk=whole)))]
    )
    subject = Subject(made, made.by_key["examine/cnn-cpu-onnx"].cell)
    reduction, relative, loss = (MEASURES[name].value(subject).value for name in ("reduction", "relative", "loss"))
    assert reduction + relative == pytest.approx(1)
    assert reduction < 1
    assert loss == 0
