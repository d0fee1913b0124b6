"""Placement is asked of a second logical CPU device, in a process of its own."""

import pytest

from lab4.bench.worker import Worker
from lab4.devices import DEVICES, Device
from lab4.domain.catalogue import DeviceTraits
from lab4.domain.errors import DisagreementError, UnavailableError

SECOND = Device(DeviceTraits("cpu1", "second CPU"), "CPU:1", "CPUExecutionProvider")


def _open_two_cpus():
    from lab4.devices.device import prepare_tensorflow
    from lab4.frameworks import tensorflow

    tf = tensorflow()
    (cpu,) = tf.config.list_physical_devices("CPU")
    logical = tf.config.LogicalDeviceConfiguration()
    tf.config.set_logical_device_configuration(cpu, [logical, logical])
    prepare_tensorflow()


def _product(scope, check):
    """Multiply inside the scope of one device; check that the result is on another. Returns the result's device."""
    from lab4.devices.device import place, synchronise
    from lab4.frameworks import tensorflow

    tf = tensorflow()
    with place(scope).scope():
        result = tf.function(tf.linalg.matmul)(tf.ones((8, 8)), tf.ones((8, 8)))
    synchronise()
    place(check).check(result)
    return result.device


def _train_on(device, folder):
    from lab4.bench import tensorflow_jobs
    from lab4.bench.builds import load_dataset
    from lab4.bench.specs import TrainSpec
    from lab4.measure.training import TrainingPlan

    tensorflow_jobs.DEVICES.own["cpu1"] = f"{__name__}:SECOND"
    tensorflow_jobs._OPENED.clear()
    dataset = load_dataset("mnist_10k", folder / "arrays.npz")
    plan = TrainingPlan(epochs=1, batch_size=128, learning_rate=1e-3, seed=1)
    training, _ = tensorflow_jobs.train_model(TrainSpec("fcnn", device, plan, dataset), (), folder)
    return len(training.epoch_s)


@pytest.fixture(scope="module")
def worker(tmp_path_factory):
    worker = Worker("tensorflow", tmp_path_factory.mktemp("log") / "log", 300)
    worker.call(_open_two_cpus)
    yield worker
    worker.close()


def test_work_runs_where_it_was_asked_to(worker):
    assert worker.call(_product, SECOND, SECOND).endswith("CPU:1")
    assert worker.call(_product, DEVICES["cpu"], DEVICES["cpu"]).endswith("CPU:0")


def test_work_that_ran_elsewhere_is_caught(worker):
    with pytest.raises(DisagreementError, match=r"asked for CPU:1, but the result is on .*CPU:0"):
        worker.call(_product, DEVICES["cpu"], SECOND)


def test_a_model_trains_with_all_its_weights_on_the_device_asked_for(worker, tmp_path):
    assert worker.call(_train_on, "cpu1", tmp_path) == 1


def test_a_device_that_is_not_here_is_refused_before_anything_runs(worker):
    nowhere = Device(DeviceTraits("gpu9", "GPU"), "GPU:9", "CUDAExecutionProvider")
    with pytest.raises(UnavailableError, match=r"^no GPU visible to TensorFlow$"):
        worker.call(_product, nowhere, nowhere)


def _soft_placement():
    from lab4.frameworks import tensorflow

    return tensorflow().config.get_soft_device_placement()


def test_soft_placement_is_off(worker):
    assert worker.call(_soft_placement) is False
