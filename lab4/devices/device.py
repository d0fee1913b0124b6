"""The devices that cells can name: how TensorFlow's work is placed on one, waited for, and proved to have run there.

``with tf.device("/GPU:0")`` on a machine without a GPU silently runs on the CPU: TensorFlow's soft placement.
Here it is off, a device that does not exist is refused before anything runs, and results are asked where they live.
"""

import sys
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import cast

from lab4.domain.catalogue import DeviceTraits
from lab4.domain.errors import DisagreementError, UnavailableError
from lab4.domain.machine import ALL_CORES, TRAINING_THREADS
from lab4.domain.untyped import Untyped
from lab4.frameworks import tensorflow

#: TensorFlow's thread settings, and the variables that it reads for them.
_THREADS = {TRAINING_THREADS: "TF_NUM_INTRAOP_THREADS", "tensorflow inter-op": "TF_NUM_INTEROP_THREADS"}


def tensorflow_threads(environment: Mapping[str, str]) -> dict[str, str]:
    """TensorFlow's thread settings in a process with these variables, where the process sets none: as many as cores.

    >>> tensorflow_threads({"TF_NUM_INTRAOP_THREADS": "1"})
    {'tensorflow intra-op': '1', 'tensorflow inter-op': 'all cores'}
    """
    given = {name: environment.get(variable, "").strip() for name, variable in _THREADS.items()}
    return {name: value if value.isdecimal() and value.strip("0") else ALL_CORES for name, value in given.items()}


@dataclass(frozen=True, slots=True)
class Device:
    """A device, and its names in TensorFlow and in ONNX Runtime; that it exists here, `place` checks.

    ``rounding`` is how far from float32 its arithmetic may take a probability where runtimes compute float32 in less by
    default, 0 where they do not. ``platform`` is the one that TensorFlow must be built for to see it (``cuda``,
    ``rocm`` or ``metal``), as its GPUs have the same names on each; empty where any does.
    """

    traits: DeviceTraits
    tensorflow_name: str
    onnx_provider: str
    rounding: float = 0.0
    platform: str = ""

    @property
    def name(self) -> str:
        """The name in ids."""
        return self.traits.name

    @property
    def label(self) -> str:
        """The name that people read."""
        return self.traits.label

    @property
    def index(self) -> int:
        """Which one it is of its kind, counted from 0."""
        return int(self.tensorflow_name.partition(":")[2])

    def scope(self) -> AbstractContextManager[object]:
        """Force all operations here; one that has no kernel for the device raises."""
        return cast("AbstractContextManager[object]", tensorflow().device(f"/{self.tensorflow_name}"))

    def loose_scope(self) -> AbstractContextManager[object]:
        """Force operations here, except that TensorFlow's first GPU is left to TensorFlow.

        It is where TensorFlow places whatever has a kernel for it; forcing the rest, such as input pipelines,
        would raise. Who uses this scope checks the weights afterwards.
        """
        return nullcontext() if self.tensorflow_name == "GPU:0" else self.scope()

    def wait(self) -> None:
        """Wait until TensorFlow's devices are idle; on its CPU a call returns only when it is done."""
        if self.tensorflow_name != "CPU:0":
            synchronise()

    def check(self, tensor: Untyped) -> None:
        """Raise `DisagreementError` unless the tensor or variable lives here."""
        if not tensor.device.endswith(f"/device:{self.tensorflow_name}"):
            found = tensor.device or "no device"
            raise DisagreementError(f"asked for {self.tensorflow_name}, but the result is on {found}")


CPU = Device(DeviceTraits("cpu", "CPU", kind="cpu", is_host=True), "CPU:0", "CPUExecutionProvider")


def place(device: Device) -> Device:
    """Return ``device``, or raise `UnavailableError` where TensorFlow does not see it."""
    kind = device.tensorflow_name.partition(":")[0]
    names = [logical.name for logical in tensorflow().config.list_logical_devices(kind)]
    if f"/device:{device.tensorflow_name}" not in names or device.platform not in {"", _platform()}:
        raise UnavailableError(f"no {device.label} visible to TensorFlow")
    return device


def _platform() -> str:
    """What TensorFlow's GPUs are, here: it calls all of them GPU."""
    if sys.platform == "darwin":
        return "metal"
    return "rocm" if tensorflow().test.is_built_with_rocm() else "cuda"


def prepare_tensorflow(threads: int | None = None) -> None:
    """Turn soft placement off, and let GPU memory grow with use instead of claiming all of it.

    ``threads`` are those of an operation (intra-op) on the CPU, ``None`` for one per core; operations then run one
    after another. Must be called before TensorFlow touches a device.
    """
    config = tensorflow().config
    if threads is not None:
        config.threading.set_intra_op_parallelism_threads(threads)
        config.threading.set_inter_op_parallelism_threads(1)
    config.set_soft_device_placement(False)
    for gpu in config.list_physical_devices("GPU"):
        config.experimental.set_memory_growth(gpu, True)


def synchronise() -> None:
    """Wait until every device has done what was asked of it; call it before a clock stops."""
    tensorflow().test.experimental.sync_devices()
