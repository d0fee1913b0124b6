"""What an entry of each kind must do, as tests that anyone's entry runs in three lines, and ours run too.

from lab4.testing import FormatConformance

class TestMine(FormatConformance):
names = ("onnx_int8",)
"""

from lab4.testing.formats import FormatConformance
from lab4.testing.metrics import DatasetConformance, MetricConformance
from lab4.testing.models import ModelConformance, TechniqueConformance
from lab4.testing.reports import ReportConformance
from lab4.testing.runtimes import DeviceConformance, RuntimeConformance

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
