"""TensorFlow's count beside a count by hand."""

from time import perf_counter

import pytest

from lab4.bench.worker import Worker
from lab4.domain.errors import UnavailableError, WorkerError
from lab4.domain.observed import Work

SHAPE, CLASSES = (28, 28, 1), 10
SOFTMAX = 5 * CLASSES  # TensorFlow's own figure: five operations per class


def convolution(height, width, kernel, channels, filters):
    return height * width * filters * (2 * kernel * kernel * channels + 1)


def pooling(height, width, window, channels):
    return height * width * channels * window * window


def dense(inputs, units):
    return units * (2 * inputs + 1)


BY_HAND = {
    "cnn": convolution(28, 28, 3, 1, 32)
    + pooling(14, 14, 2, 32)
    + convolution(14, 14, 3, 32, 64)
    + pooling(7, 7, 2, 64)
    + dense(7 * 7 * 64, 128)
    + dense(128, 10)
    + SOFTMAX,
    "fcnn": dense(28 * 28, 256) + dense(256, 128) + dense(128, 10) + SOFTMAX,
}


def _of_model(model, batch_size=1, weight_bytes=0, arithmetic="float32"):
    from lab4.bench.tensorflow_jobs import _operations, _work

    return _work(*_operations(model, batch_size), weight_bytes, arithmetic)


def _count(name, batch_size, weight_bytes, arithmetic):
    from lab4.models import MODELS

    return _of_model(MODELS[name].build(SHAPE, CLASSES), batch_size, weight_bytes, arithmetic)


def _count_of_zeros(name):
    from lab4.models import MODELS

    model = MODELS[name].build(SHAPE, CLASSES)
    model.set_weights([weight * 0 for weight in model.get_weights()])
    return _of_model(model)


def _seconds(name):
    """The least seconds of three, to build a model and to count its work."""
    from lab4.models import MODELS

    found = []
    for _ in range(3):
        start = perf_counter()
        model = MODELS[name].build(SHAPE, CLASSES)
        built = perf_counter()
        _of_model(model)
        found.append((built - start, perf_counter() - built))
    return [min(each) for each in zip(*found, strict=True)]


def _count_attention():
    from lab4.frameworks import keras

    layers = keras().layers
    inputs = layers.Input((4, 8))
    return _of_model(keras().Model(inputs, layers.MultiHeadAttention(2, 4)(inputs, inputs)))


@pytest.fixture(scope="module")
def log(tmp_path_factory):
    return tmp_path_factory.mktemp("log") / "log"


@pytest.fixture(scope="module")
def worker(log):
    worker = Worker("tensorflow", log, 300)
    yield worker
    worker.close()


@pytest.mark.parametrize("batch_size", [1, 32])
@pytest.mark.parametrize("name", BY_HAND)
def test_the_profiler_counts_as_one_does_by_hand(worker, name, batch_size):
    assert worker.call(_count, name, batch_size, 0, "float32").operations == BY_HAND[name] * batch_size


@pytest.mark.parametrize(("arithmetic", "value_bytes"), [("float32", 4), ("int8", 1)])
def test_bytes_are_the_weights_once_and_input_and_output_of_each_image(worker, arithmetic, value_bytes):
    found = worker.call(_count, "fcnn", 32, 940_584, arithmetic)
    assert found == Work(BY_HAND["fcnn"] * 32, 940_584 + 32 * (28 * 28 + 10) * value_bytes, arithmetic)


def test_zeros_are_multiplied_all_the_same(worker):
    assert worker.call(_count_of_zeros, "fcnn") == worker.call(_count, "fcnn", 1, 0, "float32")


def test_counting_takes_no_longer_than_building_some_models_and_prints_no_table(worker, log):
    building_s, counting_s = worker.call(_seconds, "cnn")
    assert counting_s < 10 * building_s
    assert "float_ops" not in log.read_text(encoding="utf-8")


def test_a_model_that_the_profiler_cannot_count_is_refused(worker):
    with pytest.raises(UnavailableError, match="cannot count the operations of Einsum"):
        worker.call(_count_attention)


def test_an_arithmetic_without_a_roof_is_refused(worker):
    with pytest.raises(WorkerError, match="unknown arithmetic 'float16'; expected"):
        worker.call(_count, "fcnn", 1, 0, "float16")
