"""Which program trains on a device: what ``--lab4-train-by`` chooses."""

from collections.abc import Callable

from lab4.devices import Device
from lab4.domain.registry import Registry
from lab4.measure.epochs import EpochProgram, Epochs, StepLoop


def by_device(device: Device) -> type[Epochs]:
    """One compiled program where work is launched on the device; on the host's own the loop, which is faster there."""
    return by_loop(device) if device.traits.is_host else by_xla(device)


def by_loop(_: Device) -> type[Epochs]:
    """The loop of steps."""
    return StepLoop


def by_xla(_: Device) -> type[Epochs]:
    """One program per epoch, compiled by XLA."""
    return EpochProgram


TRAIN_BY: Registry[Callable[[Device], type[Epochs]]] = Registry(
    "way to train",
    {
        "device": "lab4.bench.train_by:by_device",
        "loop": "lab4.bench.train_by:by_loop",
        "xla": "lab4.bench.train_by:by_xla",
    },
)
