from lab4.devices import DEVICES
from lab4.testing import DeviceConformance


class TestOurs(DeviceConformance):
    names = tuple(DEVICES.own)
