"""What an entry of each kind must do, as tests that anyone's entry runs in three lines, and ours run too.

from lab4.testing import FormatConformance

class TestMine(FormatConformance):
names = ("onnx_int8",)
"""

from lab4.testing.datasets import DatasetConformance
from lab4.testing.devices import DeviceConformance
from lab4.testing.formats import FormatConformance
from lab4.testing.metrics import MetricConformance
from lab4.testing.models import ModelConformance
from lab4.testing.reports import ReportConformance
from lab4.testing.runtimes import RuntimeConformance
from lab4.testing.techniques import TechniqueConformance

__all__ = [
    "DatasetConformance",
    "DeviceConformance",
    "FormatConformance",
    "MetricConformance",
    "ModelConformance",
    "ReportConformance",
    "RuntimeConformance",
    "TechniqueConformance",
]
