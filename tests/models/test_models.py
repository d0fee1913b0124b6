import pytest

from lab4.bench.worker import Worker


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
