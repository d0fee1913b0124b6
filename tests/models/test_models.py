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


@pytest.mark.parametrize("name", ["cnn", "fcnn"])
def test_it_fits_other_images_and_classes(worker, name):
    parameters, output, _ = worker.call(_parameters, name, (32, 32, 3), 100)
    assert output == (None, 100)
    assert parameters > 235_146
