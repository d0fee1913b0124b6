import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab4.bench.runtime_jobs import predict_all
from lab4.domain.errors import DisagreementError
from lab4.inputs import StoredExamples


class Echo:
    """A runner that returns two columns made of each image's only pixel, and how often it was called."""

    def __init__(self, batch_size):
        self.batch_size = batch_size
        self.calls = 0

    def prepare(self, inputs):
        assert len(inputs["images"]) == self.batch_size
        return inputs["images"]

    def run(self, inputs):
        self.calls += 1
        return inputs

    def finish(self, outputs):
        flat = outputs.reshape(len(outputs), 1)
        return {"pair": np.concatenate([flat, 1 - flat], axis=1)}


def stored(images):
    return StoredExamples({"images": images}, is_batched=True)


@given(st.integers(1, 50), st.integers(1, 20))
def test_every_image_is_predicted_once_whatever_the_batch_size(count, batch_size):
    images = np.linspace(0, 1, count, dtype=np.float32).reshape(count, 1, 1, 1)
    runner = Echo(batch_size)
    outputs = predict_all(runner, stored(images), batch_size)["pair"]
    assert outputs[:, 0].tolist() == images.ravel().tolist()
    assert runner.calls == -(-count // batch_size)


def test_only_the_first_examples_are_predicted_where_few_are_wanted():
    runner = Echo(2)
    outputs = predict_all(runner, stored(np.zeros((9, 1, 1, 1), np.float32)), 2, 3)["pair"]
    assert (len(outputs), runner.calls) == (3, 2)


def test_nan_outputs_are_refused():
    with pytest.raises(DisagreementError, match="the output pair has values that are not finite"):
        predict_all(Echo(1), stored(np.full((1, 1, 1, 1), np.nan, np.float32)), 1)


class Counter:
    """A model with state: it adds its input to what it returned last."""

    def prepare(self, inputs):
        return inputs

    def run(self, inputs):
        return inputs["step"] + inputs["before"]

    def finish(self, outputs):
        return {"total": outputs}


def test_state_is_fed_back_from_call_to_call():
    arrays = {"step": np.array([1.0, 2.0, 4.0]), "before": np.zeros(3)}
    examples = StoredExamples(arrays, is_batched=False, states={"before": "total"})
    assert predict_all(Counter(), examples, 1)["total"].tolist() == [1, 3, 7]
