"""The loop trains as ``fit`` does: same steps, same weights from one seed, and every kind of layer has its due."""

import numpy as np
import pytest

from lab4.bench.worker import Worker

SHAPE = (6, 6, 1)


def _data(count):
    """Images whose brightest third tells the class."""
    rng = np.random.default_rng(1)
    labels = rng.integers(0, 3, count)
    images = rng.random((count, *SHAPE), dtype=np.float32) * 0.5
    for number, label in enumerate(labels):
        images[number, 2 * label : 2 * label + 2] += 0.5
    return images, labels


def _model(*hidden):
    from lab4.frameworks import keras

    layers = keras().layers
    keras().utils.set_random_seed(3)
    return keras().Sequential(
        [layers.Input(SHAPE), layers.Flatten(), *(make(layers) for make in hidden), layers.Dense(3, "softmax")]
    )


def _train(model, count, epochs, batch_size):
    from lab4.measure.training import TrainingPlan, train

    plan = TrainingPlan(epochs=epochs, batch_size=batch_size, learning_rate=1e-2, seed=1)
    return train(model, *_data(count), plan, lambda: None)


def _fit(model, count, epochs, batch_size):
    from lab4.measure.training import FitTrainer, TrainingPlan

    plan = TrainingPlan(epochs=epochs, batch_size=batch_size, learning_rate=1e-2, seed=1)
    FitTrainer(*_data(count), plan).fit(model)


def _loss(model, count):
    images, labels = _data(count)
    return float(-np.log(model.predict(images, verbose=0)[np.arange(count), labels]).mean())


def _relu(layers):
    return layers.Dense(16, "relu")


def _tanh(layers):
    # Not relu: where a unit is all but dead, Adam makes a step of the gradient's mere rounding.
    return layers.Dense(16, "tanh")


def _dropout(layers):
    return layers.Dropout(0.4)


def _normalisation(layers):
    return layers.BatchNormalization()


def _regularised(layers):
    return layers.Dense(16, "relu", kernel_regularizer="l2")


HIDDEN = {"plain": (_relu,), "normalised": (_tanh, _normalisation), "regularised": (_regularised,)}


def _one_batch_by_both(name):
    """Weights after 5 epochs of one batch, which no order changes but in rounding."""
    weights = []
    for train in (_train, _fit):
        model = _model(*HIDDEN[name])
        train(model, 40, 5, 64)
        weights.append(model.get_weights())
    return weights


def _losses_of_both():
    losses = []
    for train in (_train, _fit):
        model = _model(_relu, _dropout)
        train(model, 200, 8, 32)
        losses.append(_loss(model, 200))
    return _loss(_model(_relu, _dropout), 200), *losses


def _digest(seed):
    from lab4.measure.training import TrainingPlan, train

    plan = TrainingPlan(epochs=2, batch_size=32, learning_rate=1e-2, seed=seed)
    model = _model(_relu, _dropout, _normalisation)
    return train(model, *_data(80), plan, lambda: None).weights_sha256


def _untouched():
    """Weights before training, and after a plan of no epochs: the first step alone, undone."""
    model = _model(_relu, _dropout, _normalisation)
    before = model.get_weights()
    observed = _train(model, 80, 0, 32)
    return before, model.get_weights(), [v.numpy() for v in model.optimizer.weights], observed


def _dropped():
    """What a dropout of ones let through, at each step of an epoch of ten."""
    from lab4.frameworks import keras, tensorflow

    tf = tensorflow()
    seen = []

    class Watched(keras().layers.Dropout):
        def call(self, inputs, training=None):
            output = super().call(tf.ones_like(inputs), training=training)
            tf.py_function(lambda kept: seen.append(tuple(kept.numpy().ravel() > 0)), [output], [])
            return output

    _train(_model(_relu, lambda _: Watched(0.5)), 80, 1, 8)
    return seen[-10:]


def _moving_averages():
    model = _model(_relu, _dropout, _normalisation)
    layer = next(layer for layer in model.layers if hasattr(layer, "moving_mean"))
    before = layer.moving_mean.numpy(), layer.moving_variance.numpy()
    _train(model, 80, 2, 32)
    return *before, layer.moving_mean.numpy(), layer.moving_variance.numpy()


@pytest.fixture(scope="module")
def worker(tmp_path_factory):
    worker = Worker("tensorflow", tmp_path_factory.mktemp("log") / "log", 300)
    yield worker
    worker.close()


@pytest.mark.parametrize("name", HIDDEN)
def test_the_steps_are_those_of_fit(worker, name):
    ours, theirs = worker.call(_one_batch_by_both, name)
    for our, their in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(our, their, rtol=1e-3, atol=1e-4)


def test_a_learnable_set_is_learnt_as_well_as_by_fit(worker):
    before, ours, theirs = worker.call(_losses_of_both)
    assert ours < before / 3
    assert theirs < before / 3
    assert ours == pytest.approx(theirs, abs=0.1)


def test_the_same_plan_gives_the_same_weights_in_two_processes(worker, tmp_path):
    other = Worker("tensorflow", tmp_path / "log", 300)
    digests = [process.call(_digest, seed) for process, seed in ((worker, 1), (worker, 1), (other, 1), (worker, 2))]
    other.close()
    assert digests[0] == digests[1] == digests[2]
    assert digests[0] != digests[3]


def test_the_first_step_is_undone(worker):
    before, after, slots, observed = worker.call(_untouched)
    assert all(np.array_equal(old, new) for old, new in zip(before, after, strict=True))
    assert slots
    assert not any(slot.any() for slot in slots)
    assert observed.epoch_s == ()
    assert observed.first_step_s > 0


def test_dropout_drops_anew_at_every_step(worker):
    assert len(set(worker.call(_dropped))) == 10


def test_moving_averages_move(worker):
    mean, variance, new_mean, new_variance = worker.call(_moving_averages)
    assert (mean == 0).all()
    assert (variance == 1).all()
    assert (new_mean != 0).any()
    assert (new_variance != 1).any()
