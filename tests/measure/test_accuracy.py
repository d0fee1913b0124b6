import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab4.bench.runtime_jobs import predict_all
from lab4.domain.errors import DisagreementError
from lab4.measure.accuracy import agreement


class Echo:
    """A runner that returns two columns made of each image's only pixel."""

    def __init__(self, batch_size):
        self.batch_size = batch_size
        self.calls = 0

    def prepare(self, images):
        assert len(images) == self.batch_size
        return images

    def run(self, inputs):
        self.calls += 1
        return inputs

    def finish(self, outputs):
        flat = outputs.reshape(len(outputs), 1)
        return np.concatenate([flat, 1 - flat], axis=1)


@given(st.integers(1, 50), st.integers(1, 20))
def test_every_image_is_predicted_once_whatever_the_batch_size(count, batch_size):
    images = np.linspace(0, 1, count, dtype=np.float32).reshape(count, 1, 1, 1)
    runner = Echo(batch_size)
    outputs = predict_all(runner, images, batch_size)
    assert outputs[:, 0].tolist() == images.ravel().tolist()
    assert runner.calls == -(-count // batch_size)


def test_nan_outputs_are_refused():
    with pytest.raises(DisagreementError, match="not finite"):
        predict_all(Echo(1), np.full((1, 1, 1, 1), np.nan, np.float32), 1)


def test_a_wrong_shape_is_refused():
    runner = Echo(2)
    runner.finish = lambda outputs: outputs[:1].reshape(1, 1)
    with pytest.raises(DisagreementError, match=r"shape \(1, 1\) for a batch of 2"):
        predict_all(runner, np.zeros((2, 1, 1, 1), np.float32), 2)


def test_agreement_is_full_with_itself_and_symmetric():
    one = np.array([[0.9, 0.1], [0.2, 0.8]])
    other = np.array([[0.4, 0.6], [0.2, 0.8]])
    assert agreement(one, one).agreeing == 2
    assert agreement(one, one).max_abs_difference == 0
    assert agreement(one, other) == agreement(other, one)
    assert agreement(one, other).agreeing == 1
    assert agreement(one, other).max_abs_difference == pytest.approx(0.5)


def test_outputs_of_another_shape_do_not_agree():
    with pytest.raises(DisagreementError, match="its original"):
        agreement(np.zeros((2, 3)), np.zeros((2, 4)))
