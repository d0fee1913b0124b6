"""Tracing and compilation stay out of the epochs; every image is trained on once in each."""

from itertools import chain

import numpy as np
import pytest

from lab4.bench.worker import Worker

COUNTS = pytest.mark.parametrize(
    "count", [64, 80, 20], ids=["whole batches", "a partial last batch", "less than a batch"]
)


def _watched(count, epochs=2):
    """Train on images numbered by their labels.

    Returns the labels of every batch; and how many traces and batches there were at each clock, at both ends of the
    first step and of each epoch.
    """
    from lab4.frameworks import keras, tensorflow
    from lab4.measure import training

    tf = tensorflow()
    batches, traces = [], []

    class Model(keras().Sequential):
        def train_step(self, data):
            traces.append("trace")
            tf.py_function(lambda numbers: batches.append(numbers.numpy().tolist()), [data[1]], [])
            return super().train_step(data)

    layers = keras().layers
    model = Model([layers.Input((2, 2, 1)), layers.Flatten(), layers.Dense(count, activation="softmax")])
    plan = training.TrainingPlan(epochs=epochs, batch_size=32, learning_rate=1e-3, seed=1)
    seen = []
    training.train(
        model,
        np.zeros((count, 2, 2, 1), np.float32),
        np.arange(count),
        plan,
        lambda: seen.append((len(traces), len(batches))),
    )
    return batches, seen


@pytest.fixture(scope="module")
def worker(tmp_path_factory):
    worker = Worker("tensorflow", tmp_path_factory.mktemp("log") / "log", 300)
    yield worker
    worker.close()


@COUNTS
def test_nothing_is_traced_inside_an_epoch(worker, count):
    _, (before, *seen) = worker.call(_watched, count)
    assert before == (0, 0)
    assert len(seen) == 1 + 4
    assert len({traces for traces, _ in seen}) == 1


@COUNTS
def test_every_image_is_trained_on_once_an_epoch(worker, count):
    batches, seen = worker.call(_watched, count)
    marks = [made for _, made in seen[2:]]
    epochs = [batches[start:end] for start, end in zip(marks[::2], marks[1::2], strict=True)]
    assert [sorted(chain(*epoch)) for epoch in epochs] == [list(range(count))] * 2
    assert epochs[0] != epochs[1]
    assert marks[1] == marks[2]


@COUNTS
def test_the_last_batch_is_what_is_left(worker, count):
    batches, seen = worker.call(_watched, count)
    sizes = [len(batch) for batch in batches[seen[2][1] : seen[3][1]]]
    assert sizes == [32] * (count // 32) + [count % 32] * bool(count % 32)


def test_the_first_step_is_one_of_each_size(worker):
    batches, seen = worker.call(_watched, 80)
    assert [len(batch) for batch in batches[: seen[1][1]]] == [32, 16]
    assert seen[1][1] == seen[2][1]
