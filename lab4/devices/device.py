"""The devices that cells can name."""

from dataclasses import dataclass

__all__ = ["CPU", "GPU", "Device"]


@dataclass(frozen=True, slots=True)
class Device:
    """A device by its names: in ids, to people, in TensorFlow, in ONNX Runtime; and whether every machine has it."""

    name: str
    label: str
    tensorflow_name: str
    onnx_provider: str
    is_everywhere: bool = False


CPU = Device("cpu", "CPU", "CPU:0", "CPUExecutionProvider", is_everywhere=True)
GPU = Device("gpu", "GPU", "GPU:0", "CUDAExecutionProvider")
