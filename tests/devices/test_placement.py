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


def _placed(name, seen, platform):
    """What `place` says of a device where TensorFlow lists these GPUs, for a platform."""
    from lab4.devices import device as devices
    from lab4.frameworks import tensorflow

    logical = [type("Logical", (), {"name": f"/device:{each}"}) for each in seen]
    config = tensorflow().config
    listed, platforms = config.list_logical_devices, devices._platform
    config.list_logical_devices, devices._platform = lambda _: logical, lambda: platform
    try:
        return devices.place(DEVICES[name]).name
    except UnavailableError as error:
        return str(error)
    finally:
        config.list_logical_devices, devices._platform = listed, platforms


@pytest.mark.parametrize(
    ("name", "platform", "answer"),
    [
        ("gpu", "cuda", "gpu"),
        ("gpu1", "cuda", "gpu1"),
        ("gpu2", "cuda", "no GPU 2 visible to TensorFlow"),
        ("rocm", "cuda", "no AMD GPU visible to TensorFlow"),
        ("rocm", "rocm", "rocm"),
        ("gpu", "rocm", "no GPU visible to TensorFlow"),
        ("metal", "metal", "metal"),
    ],
)
def test_a_gpu_is_the_one_of_its_number_and_platform(worker, name, platform, answer):
    assert worker.call(_placed, name, ["GPU:0", "GPU:1"], platform) == answer


def test_gpus_are_numbered_for_the_runtimes():
    assert [DEVICES[name].index for name in ("cpu", "gpu", "gpu1", "gpu7", "rocm")] == [0, 0, 1, 7, 0]


def test_a_registry_of_devices_does_not_look_for_them():
    assert DEVICES.default == ("cpu", "gpu")
    assert {"gpu1", "gpu7", "rocm", "metal"} <= set(DEVICES)


def _too_large():
    from lab4.frameworks import tensorflow

    tensorflow().ones((2**22, 2**21))


def test_too_little_memory_is_one_sentence_with_a_remedy(worker):
    with pytest.raises(
        UnavailableError, match=r"^there is not enough memory on the device \(.*OOM .*; take smaller"
    ) as found:
        worker.call(_too_large)
    assert "\n" not in str(found.value)
    assert worker.call(_soft_placement) is False  # the process goes on
