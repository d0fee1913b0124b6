import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab4.domain.errors import ConversionError
from lab4.inputs import StoredExamples, read_examples


@given(st.integers(1, 9), st.integers(1, 20))
def test_calls_have_every_example_in_turn(count, batch_size):
    examples = StoredExamples({"x": np.arange(count)}, is_batched=True)
    calls = [call["x"] for call in examples.calls(batch_size)]
    assert {len(call) for call in calls} == {batch_size}
    assert np.concatenate(calls)[:count].tolist() == list(range(count))


def test_an_example_of_a_model_without_batch_is_a_whole_call():
    arrays = {"rate": np.array([8000, 16000]), "sound": np.zeros((2, 1, 512))}
    (first, second) = StoredExamples(arrays, is_batched=False).calls(1)
    assert first["sound"].shape == (1, 512)
    assert (first["rate"], second["rate"]) == (8000, 16000)


def test_they_are_read_back_as_written(tmp_path):
    arrays = {"text": np.array(["a", "bc"], object), "state": np.zeros((2, 3), np.float16)}
    StoredExamples(arrays, is_batched=False, states={"state": "next"}).write(tmp_path / "examples")
    found = read_examples(tmp_path / "examples")
    assert (found.is_batched, found.states) == (False, {"state": "next"})
    assert {name: (array.dtype, array.tolist()) for name, array in found.arrays.items()} == {
        name: (array.dtype, array.tolist()) for name, array in arrays.items()
    }


def test_outputs_whose_size_depends_on_the_values_cannot_be_joined():
    examples = StoredExamples({"x": np.arange(2)}, is_batched=True)
    with pytest.raises(ConversionError, match=r"an output has several shapes \(1 x 3 and 1 x 4\)"):
        examples.joined([np.zeros((1, 3)), np.zeros((1, 4))], 1)
    assert examples.joined([np.zeros((1, 3))] * 2, 1).shape == (2, 3)
