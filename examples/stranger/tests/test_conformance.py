"""The package's entries do what the suite needs of their kinds."""

from lab4.testing import (
    DatasetConformance,
    FormatConformance,
    MetricConformance,
    ModelConformance,
    ReportConformance,
    TechniqueConformance,
)


class TestLeNet(ModelConformance):
    names = ("LeNet-5",)


class TestClustering(TechniqueConformance):
    names = ("clustered16",)


class TestOnnxInt8(FormatConformance):
    names = ("onnx_int8",)


class TestShapes(DatasetConformance):
    names = ("shapes",)


class TestMacroF1(MetricConformance):
    names = ("macro_f1",)


class TestOutline(ReportConformance):
    names = ("outline",)
