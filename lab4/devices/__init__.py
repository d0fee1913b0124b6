"""What hardware is here, how work is placed on it and waited for, and the machine's fingerprint."""

from lab4.devices.device import Device
from lab4.domain.registry import Registry

__all__ = ["DEVICES", "Device"]

DEVICES: Registry[Device] = Registry(
    "device",
    {
        "cpu": "lab4.devices.device:CPU",
        "gpu": "lab4.devices.gpus:GPU",
        **{f"gpu{index}": f"lab4.devices.gpus:GPU{index}" for index in range(1, 8)},
        "rocm": "lab4.devices.gpus:ROCM",
        "metal": "lab4.devices.gpus:METAL",
    },
    "lab4.devices",
    Device,
    usual=("cpu", "gpu"),
)
