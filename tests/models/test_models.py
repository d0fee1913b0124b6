from itertools import pairwise

import pytest

from lab4.bench.worker import Worker
from lab4.domain.errors import UnavailableError


def _parameters(name, shape, classes):
    from lab4.models import MODELS

    model = MODELS[name].build(shape, classes)
    return model.count_params(), tuple(model.output_shape), getattr(model, "optimizer", None) is None


@pytest.fixture(scope="module")
def worker(tmp_path_factory):
    worker = Worker("tensorflow", tmp_path_factory.mktemp("log") / "log", 300)
    yield worker
    worker.close()


@pytest.mark.parametrize(("name", "parameters"), [("cnn", 421_642), ("fcnn", 235_146)])
def test_it_is_the_labs_own_model(worker, name, parameters):
    assert worker.call(_parameters, name, (28, 28, 1), 10) == (parameters, (None, 10), True)


#: Parameters by layer, at the sizes of the reference code.
REFERENCES = {
    "lenet_300_100": ((28, 28, 1), 10, [235_500, 30_100, 1_010]),
    "lenet5": ((28, 28, 1), 10, [520, 25_050, 400_500, 5_010]),
    "resnet8": (
        (32, 32, 3),
        10,
        [448, 64, 2_320, 64, 2_320, 64, 4_640, 128, 9_248, 544, 128, 18_496, 256, 36_928, 2_112, 256, 650],
    ),
    "mobilenet_v1_025": (
        (96, 96, 3),
        2,
        # each block: depthwise of 9 weights and a bias a channel, pointwise, and 4 a channel for normalizations
        [224, 32]
        + [
            count
            for inputs, filters in pairwise((8, 16, 32, 32, 64, 64, 128, 128, 128, 128, 128, 128, 256, 256))
            for count in (10 * inputs, 4 * inputs, (inputs + 1) * filters, 4 * filters)
        ]
        + [514],
    ),
    "ds_cnn": ((49, 10, 1), 12, [2_624, 256, *[640, 256, 4_160, 256] * 4, 780]),
    "fc_autoencoder": (
        (640, 1, 1),
        2,
        [82_048, 512, *[16_512, 512] * 3, 1_032, 32, 1_152, 512, *[16_512, 512] * 3, 82_560],
    ),
}
TOTALS = {
    "lenet_300_100": 266_610,
    "lenet5": 431_080,
    "resnet8": 78_666,
    "mobilenet_v1_025": 221_794,
    "ds_cnn": 24_908,
    "fc_autoencoder": 269_992,
}


def _by_layer(name, shape, classes):
    from lab4.models import MODELS

    return [layer.count_params() for layer in MODELS[name].build(shape, classes).layers if layer.count_params()]


@pytest.mark.parametrize("name", REFERENCES)
def test_it_is_the_reference_net_layer_for_layer(worker, name):
    shape, classes, by_layer = REFERENCES[name]
    found = worker.call(_by_layer, name, shape, classes)
    assert sum(found) == TOTALS[name]
    assert sorted(found) == sorted(by_layer)


def test_too_small_images_are_refused_with_the_least_size(worker):
    with pytest.raises(UnavailableError, match="LeNet-5 needs images of 16x16 or more; these are 8x8"):
        worker.call(_by_layer, "lenet5", (8, 8, 1), 2)


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        # (weights + biases) by layer: convolutions of 3 x 3 from 3 to 32 and to 64 channels, then 8 x 8 x 64 inputs
        ("cnn", (3 * 3 * 3 + 1) * 32 + (3 * 3 * 32 + 1) * 64 + (8 * 8 * 64 + 1) * 128 + (128 + 1) * 100),
        ("fcnn", (32 * 32 * 3 + 1) * 256 + (256 + 1) * 128 + (128 + 1) * 100),
    ],
)
def test_it_fits_other_images_and_classes(worker, name, parameters):
    assert worker.call(_parameters, name, (32, 32, 3), 100) == (parameters, (None, 100), True)


def test_a_net_that_reconstructs_is_trained_and_judged_by_its_inputs(tmp_path):
    """The mean absolute error is that of the outputs that are kept against the images; labels are not looked at."""
    import numpy as np

    from lab4.bench.bench import Bench
    from lab4.bench.profiles import QUICK, Order
    from lab4.domain.cell import EXAMINE, TRAIN, Cell

    rng = np.random.default_rng(3)
    images = rng.integers(0, 256, (200, 8, 8, 1)).astype(np.uint8)
    np.savez(tmp_path / "noise.npz", x=images, y=np.arange(200) % 2)
    bench = Bench(Order(str(tmp_path / "noise.npz"), QUICK, 1, tmp_path / "cache", False, 300), lambda _: None)
    try:
        trained = bench.training(Cell(TRAIN, "fc_autoencoder", (), "cpu", 32, "keras"))
        cell = Cell(EXAMINE, "fc_autoencoder", (), "cpu", None, "tflite_float32")
        built = bench.artifact(cell, bench.model(cell))
        found = bench.examine(cell, built)
        with np.load(built.reference) as file:
            outputs = next(iter(dict(file).values()))
        inputs = np.load(built.labels)
    finally:
        bench.close()
    assert set(trained.metrics) == set(found.metrics) == {"mae"}
    assert inputs.shape == (len(outputs), 8, 8, 1)
    error = np.abs(outputs.astype(np.float64) - inputs.reshape(len(inputs), -1)).mean()
    assert found.metrics["mae"].value == pytest.approx(error, rel=1e-4)
    assert found.agreement.total == 0
    assert [each.cosine for each in found.agreement.outputs.values()] == pytest.approx([1.0], abs=1e-6)
