"""Tracing and compilation stay out of the epochs, whatever the last batch holds."""

import pytest

from lab4.bench.worker import Worker


def _traces(count):
    """Traces of the training function before the first epoch, and after the last."""
    import numpy as np

    from lab4.frameworks import keras, tensorflow
    from lab4.measure import training
    from lab4.models import MODELS

    tensorflow()
    seen = []
    clock = training._epoch_clock

    def watching(synchronise):
        def noting():
            seen.append(model.train_tf_function.experimental_get_tracing_count())
            synchronise()

        return clock(noting)

    training._epoch_clock = watching
    rng = np.random.default_rng(1)
    images = rng.random((count, 12, 12, 1), dtype=np.float32)
    labels = rng.integers(0, 3, count)
    keras().utils.set_random_seed(1)
    model = MODELS["fcnn"].build((12, 12, 1), 3)
    plan = training.TrainingPlan(epochs=2, batch_size=32, learning_rate=1e-3, seed=1)
    training.train(model, images, labels, plan, lambda: None)
    training._epoch_clock = clock
    return seen


@pytest.fixture(scope="module")
def worker(tmp_path_factory):
    worker = Worker("tensorflow", tmp_path_factory.mktemp("log") / "log", 300)
    yield worker
    worker.close()


@pytest.mark.parametrize("count", [64, 80, 20], ids=["whole batches", "a partial last batch", "less than a batch"])
def test_nothing_is_traced_inside_an_epoch(worker, count):
    seen = worker.call(_traces, count)
    assert len(seen) == 4
    assert len(set(seen)) == 1
