"""The devices that cells can name."""

from dataclasses import dataclass

__all__ = ["CPU", "GPU", "Device"]


@dataclass(frozen=True, slots=True)
class Device:
    """A device by its names: in ids, to people, in TensorFlow, in ONNX Runtime; and whether every machine has it.

    ``rounding`` is how far from float32 its arithmetic may take a probability where runtimes compute float32 in less by
    default, 0 where they do not.
    """

    name: str
    label: str
    tensorflow_name: str
    onnx_provider: str
    is_everywhere: bool = False
    rounding: float = 0.0


CPU = Device("cpu", "CPU", "CPU:0", "CPUExecutionProvider", is_everywhere=True)
#: TensorFlow and ONNX Runtime multiply float32 as TensorFloat-32 on GPUs that have it, which rounds each factor by up
#: to 2^-11. On an H100 probabilities of the worksheet's models moved by 1.1e-4 to 2.7e-4, and no prediction changed.
GPU = Device("gpu", "GPU", "GPU:0", "CUDAExecutionProvider", rounding=2e-3)
