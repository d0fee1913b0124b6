"""What hardware is here, how work is placed on it and waited for, and the machine's fingerprint."""

from lab4.devices.device import Device
from lab4.domain.registry import Registry

__all__ = ["DEVICES", "Device"]

DEVICES: Registry[Device] = Registry(
    "device",
    {
        "cpu": "lab4.devices.device:CPU",
        "gpu": "lab4.devices.device:GPU",
    },
    "lab4.devices",
    Device,
)
