"""The devices that cells can name."""

from dataclasses import dataclass

from lab4.domain.catalogue import DeviceTraits

__all__ = ["CPU", "GPU", "Device"]


@dataclass(frozen=True, slots=True)
class Device:
    """A device, and its names in TensorFlow and in ONNX Runtime.

    ``rounding`` is how far from float32 its arithmetic may take a probability where runtimes compute float32 in less by
    default, 0 where they do not.
    """

    traits: DeviceTraits
    tensorflow_name: str
    onnx_provider: str
    rounding: float = 0.0

    @property
    def name(self) -> str:
        """The name in ids."""
        return self.traits.name

    @property
    def label(self) -> str:
        """The name that people read."""
        return self.traits.label


CPU = Device(DeviceTraits("cpu", "CPU", kind="cpu", is_host=True), "CPU:0", "CPUExecutionProvider")
#: TensorFlow and ONNX Runtime multiply float32 as TensorFloat-32 on GPUs that have it, which rounds each factor by up
#: to 2^-11. On an H100 probabilities of the worksheet's models moved by 1.1e-4 to 2.7e-4, and no prediction changed.
GPU = Device(
    DeviceTraits("gpu", "GPU", kind="gpu", vendor="NVIDIA", is_host=False),
    "GPU:0",
    "CUDAExecutionProvider",
    rounding=2e-3,
)
