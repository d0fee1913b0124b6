"""Placing TensorFlow's work on a device, and proving that it ran there.

``with tf.device("/GPU:0")`` on a machine without a GPU silently runs on the CPU: TensorFlow's soft placement.
Here it is off, a device that does not exist is refused before anything runs, and results are asked where they live.
"""

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import cast

from lab4.devices.device import Device
from lab4.domain.errors import DisagreementError, UnavailableError
from lab4.domain.untyped import Untyped
from lab4.frameworks import tensorflow

__all__ = ["AS_MANY_AS_CORES", "Placement", "place", "prepare_tensorflow", "synchronise"]

#: TensorFlow's own thread settings where it is given none.
AS_MANY_AS_CORES = {"tensorflow intra-op": "all cores", "tensorflow inter-op": "all cores"}


def prepare_tensorflow(threads: int | None = None) -> None:
    """Turn soft placement off, and let GPU memory grow with use instead of claiming all of it.

    ``threads`` are those of an operation (intra-op) on the CPU, ``None`` for one per core; operations then run one
    after another. Must be called before TensorFlow touches a device.
    """
    tf = tensorflow()
    if threads is not None:
        tf.config.threading.set_intra_op_parallelism_threads(threads)
        tf.config.threading.set_inter_op_parallelism_threads(1)
    tf.config.set_soft_device_placement(False)
    for gpu in tf.config.list_physical_devices("GPU"):
        tf.config.experimental.set_memory_growth(gpu, True)


def synchronise() -> None:
    """Wait until every device has done what was asked of it; call it before a clock stops."""
    tensorflow().test.experimental.sync_devices()


@dataclass(frozen=True, slots=True)
class Placement:
    """A device that exists; made by `place`."""

    device: Device

    @property
    def onnx_provider(self) -> str:
        """ONNX Runtime's execution provider."""
        return self.device.onnx_provider

    def scope(self) -> AbstractContextManager[object]:
        """Force all operations here; one that has no kernel for the device raises."""
        return cast("AbstractContextManager[object]", tensorflow().device(f"/{self.device.tensorflow_name}"))

    def loose_scope(self) -> AbstractContextManager[object]:
        """Force operations here, except that TensorFlow's first GPU is left to TensorFlow.

        It is where TensorFlow places whatever has a kernel for it; forcing the rest, such as input pipelines,
        would raise. Who uses this scope checks the weights afterwards.
        """
        return nullcontext() if self.device.tensorflow_name == "GPU:0" else self.scope()

    def wait(self) -> None:
        """Wait until TensorFlow's devices are idle; on its CPU a call returns only when it is done."""
        if self.device.tensorflow_name != "CPU:0":
            synchronise()

    def check(self, tensor: Untyped) -> None:
        """Raise `DisagreementError` unless the tensor or variable lives here."""
        if not tensor.device.endswith(f"/device:{self.device.tensorflow_name}"):
            raise DisagreementError(
                f"asked for {self.device.tensorflow_name}, but the result is on {tensor.device or 'no device'}"
            )


def place(device: Device) -> Placement:
    """Return the placement for ``device``; raises `UnavailableError` where TensorFlow does not see it."""
    kind = device.tensorflow_name.partition(":")[0]
    names = [logical.name for logical in tensorflow().config.list_logical_devices(kind)]
    if f"/device:{device.tensorflow_name}" not in names:
        raise UnavailableError(f"no {device.label} visible to TensorFlow")
    return Placement(device)
