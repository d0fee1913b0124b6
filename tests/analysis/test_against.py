import pytest
from hypothesis import given
from hypothesis import strategies as st
from worksheet_factory import at, run, weighed

from lab4.analysis.against import loss, reduction, relative_size
from lab4.analysis.observations import observations_of


@given(st.integers(1, 10**9), st.integers(1, 10**9))
def test_size_reduction_and_relative_size_make_one(mine, whole):
    made = observations_of(
        [run(at("examine/cnn-cpu-onnx", weighed(disk=mine)), at("examine/cnn-cpu-keras", weighed(disk=whole)))]
    )
    one, original = (made.by_key[f"examine/cnn-cpu-{form}"] for form in ("onnx", "keras"))
    assert reduction(one, original).value + relative_size(one, original).value == pytest.approx(1)
    assert reduction(one, original).value < 1
    assert loss(one, original).value == 0
