"""GPUs: NVIDIA's by their number, and those of AMD and Apple, on which nothing here has been tried."""

from lab4.devices.device import Device
from lab4.domain.catalogue import DeviceTraits

#: TensorFlow and ONNX Runtime multiply float32 as TensorFloat-32 on GPUs that have it, which rounds each factor by up
#: to 2^-11. On an H100 probabilities of the worksheet's models moved by 1.1e-4 to 2.7e-4, and no prediction changed.
_ROUNDING = 2e-3


def _nvidia(index: int) -> Device:
    name, label = (f"gpu{index}", f"GPU {index}") if index else ("gpu", "GPU")
    traits = DeviceTraits(name, label, kind="gpu", vendor="NVIDIA", is_host=False)
    return Device(traits, f"GPU:{index}", "CUDAExecutionProvider", _ROUNDING, platform="cuda")


GPU, GPU1, GPU2, GPU3, GPU4, GPU5, GPU6, GPU7 = map(_nvidia, range(8))

ROCM = Device(
    DeviceTraits("rocm", "AMD GPU", kind="gpu", vendor="AMD", is_host=False),
    "GPU:0",
    "MIGraphXExecutionProvider",
    _ROUNDING,
    platform="rocm",
)
METAL = Device(
    DeviceTraits("metal", "Apple GPU", kind="gpu", vendor="Apple", is_host=False),
    "GPU:0",
    "CoreMLExecutionProvider",
    _ROUNDING,
    platform="metal",
)
