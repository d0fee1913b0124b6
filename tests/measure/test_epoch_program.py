"""Training by one program that XLA compiles, on the CPU: the same steps as the loop's, or the loop and the reason."""

import numpy as np
import pytest

from lab4.bench.train_by import TRAIN_BY
from lab4.bench.worker import Worker
from lab4.devices import DEVICES
from lab4.measure.epochs import EpochProgram, StepLoop

SHAPE = (28, 28, 1)


def _digits(count):
    from lab4 import datasets

    data = datasets.load("mnist_10k")
    return datasets.images(data.x_train[:count]), data.y_train[:count]


def _net(*layers):
    from lab4.frameworks import keras

    keras().utils.set_random_seed(3)
    return keras().Sequential(
        [keras().layers.Input(SHAPE), *(make(keras().layers) for make in layers), keras().layers.Dense(10, "softmax")]
    )


NETS = {
    "dense": (lambda layers: layers.Flatten(), lambda layers: layers.Dense(32, "tanh")),
    "convolutional": (
        lambda layers: layers.Conv2D(4, 3, strides=3, activation="tanh"),
        lambda layers: layers.BatchNormalization(),
        lambda layers: layers.Flatten(),
    ),
}


def _trained(name, epochs, count):
    """Training on real digits by a kind of epochs; returns the record, the losses, the accuracies and the weights."""
    from lab4.measure.training import TrainingPlan, train

    images, labels = _digits(count)
    plan = TrainingPlan(epochs=3, batch_size=32, learning_rate=1e-3, seed=1)
    model = _net(*NETS[name])
    before = model.get_weights()
    observed = train(model, images, labels, plan, lambda: None, epochs=epochs)
    scores = model.predict(images, verbose=0)
    loss = float(-np.log(scores[np.arange(count), labels]).mean())
    accuracy = float((scores.argmax(axis=1) == labels).mean())
    moved = max(float(np.abs(new - old).max()) for new, old in zip(model.get_weights(), before, strict=True))
    return observed, loss, accuracy, model.get_weights(), moved


def _refused():
    """Training of a model with Python in its step, which XLA does not compile."""
    from lab4.frameworks import keras, tensorflow
    from lab4.measure.training import TrainingPlan, train

    class Model(keras().Sequential):
        def train_step(self, data):
            tensorflow().py_function(lambda labels: labels, [data[1]], tensorflow().int64)
            return super().train_step(data)

    def model():
        keras().utils.set_random_seed(3)
        layers = keras().layers
        return Model([layers.Input(SHAPE), layers.Flatten(), layers.Dense(10, "softmax")])

    plan = TrainingPlan(epochs=2, batch_size=32, learning_rate=1e-3, seed=1)
    kinds = (EpochProgram, StepLoop)
    return [train(model(), *_digits(80), plan, lambda: None, epochs=kind) for kind in kinds]


def _trip_counts(count, batch_size):
    """The loops of the compiled program whose number of steps XLA knows."""
    from lab4.frameworks import keras, tensorflow

    model = _net(*NETS["dense"])
    model.compile(keras().optimizers.legacy.Adam(), keras().losses.SparseCategoricalCrossentropy())
    epochs = EpochProgram(model, *_digits(count), batch_size)
    epochs.trace()
    order = tensorflow().constant(np.arange(count), tensorflow().int64)
    text = epochs.compiled.experimental_get_compiler_ir(order)(stage="optimized_hlo")
    return [n for n in (1, 2, 3, 4, 5) if f'"known_trip_count":{{"n":"{n}"}}' in text]


def _untouched():
    from lab4.measure.training import TrainingPlan, train

    model = _net(*NETS["convolutional"])
    before = model.get_weights()
    observed = train(model, *_digits(40), TrainingPlan(0, 32, 1e-3, 1), lambda: None, epochs=EpochProgram)
    slots = [variable.numpy() for variable in model.optimizer.weights]
    return observed, before, model.get_weights(), slots


@pytest.fixture(scope="module")
def worker(tmp_path_factory):
    worker = Worker("tensorflow", tmp_path_factory.mktemp("log") / "log", 300)
    yield worker
    worker.close()


@pytest.mark.parametrize("name", NETS)
@pytest.mark.parametrize("count", [320, 300, 20], ids=["whole batches", "a partial last batch", "less than a batch"])
def test_the_program_trains_as_the_loop_does(worker, name, count):
    by_loop, loss, accuracy, weights, moved = worker.call(_trained, name, StepLoop, count)
    compiled, its_loss, its_accuracy, its_weights, _ = worker.call(_trained, name, EpochProgram, count)
    assert its_loss == pytest.approx(loss, rel=1e-3)
    assert its_accuracy == pytest.approx(accuracy, abs=0.01)
    for one, other in zip(weights, its_weights, strict=True):
        np.testing.assert_allclose(one, other, atol=0.05 * moved)
    assert len(compiled.epoch_s) == len(compiled.loop_epoch_s) == len(by_loop.epoch_s) == 3
    assert (compiled.program, compiled.refused) == (EpochProgram.program, "")
    assert (by_loop.program, by_loop.loop_epoch_s) == (StepLoop.program, ())


def test_the_number_of_steps_is_known_to_xla(worker):
    assert 4 in worker.call(_trip_counts, 140, 32)


def test_a_model_that_xla_refuses_is_trained_by_the_loop_and_says_why(worker):
    compiled, by_loop = worker.call(_refused)
    assert compiled.program == StepLoop.program
    assert compiled.refused == "XLA does not compile it: it has no EagerPyFunc for XLA_CPU_JIT"
    assert compiled.weights_sha256 == by_loop.weights_sha256
    assert compiled.loop_epoch_s == ()


def test_what_compiling_has_trained_is_undone(worker):
    observed, before, after, slots = worker.call(_untouched)
    assert all(np.array_equal(old, new) for old, new in zip(before, after, strict=True))
    assert slots
    assert not any(slot.any() for slot in slots)
    assert observed.first_step_s > 0


def test_the_device_decides_unless_the_user_does():
    kinds = {name: (choose(DEVICES["cpu"]), choose(DEVICES["gpu"])) for name, choose in choices().items()}
    assert kinds == {
        "device": (StepLoop, EpochProgram),
        "loop": (StepLoop, StepLoop),
        "xla": (EpochProgram, EpochProgram),
    }


def choices():
    return {name: TRAIN_BY[name] for name in TRAIN_BY}
