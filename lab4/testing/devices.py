"""What a device must do: take work that is placed on it, or say that it is not here."""

import pytest

from lab4.bench.tensorflow_jobs import open_tensorflow
from lab4.devices import DEVICES
from lab4.devices.device import place
from lab4.domain.errors import UnavailableError
from lab4.frameworks import tensorflow
from lab4.testing.conformance import TraitsConformance, require
from lab4.testing.tiny import tiny_bench


class DeviceConformance(TraitsConformance):
    """The suite of devices."""

    kind = "device"
    optional = frozenset({"vendor"})

    def test_its_rounding_is_one(self, name: str) -> None:
        """How far its arithmetic may take a probability."""
        rounding = DEVICES[name].rounding
        require(0 <= rounding < 0.1, f"rounding of {rounding}: probabilities move by less than 0.1")  # noqa: PLR2004

    def test_its_names_are_those_of_the_runtimes(self, name: str) -> None:
        """TensorFlow calls a device ``CPU:0``, ONNX Runtime ``CPUExecutionProvider``."""
        device = DEVICES[name]
        kind, _, number = device.tensorflow_name.partition(":")
        require(kind.isupper() and number.isdigit(), f"{device.tensorflow_name!r} is not a device of TensorFlow's")
        require(device.onnx_provider.endswith("ExecutionProvider"), f"{device.onnx_provider!r} is not a provider")

    def test_work_that_is_placed_on_it_runs_there(self, name: str) -> None:
        """Nothing falls back to another device silently."""
        try:
            tiny_bench().processes.builder.call(_multiply, name)
        except UnavailableError as error:
            pytest.skip(str(error))


def _multiply(name: str) -> None:
    open_tensorflow()
    placement = place(DEVICES[name])
    with placement.scope():
        values = tensorflow().ones((8, 8))
        placement.check(tensorflow().matmul(values, values))
    placement.wait()
