from lab4.metrics import METRICS
from lab4.testing import MetricConformance


class TestOurs(MetricConformance):
    names = tuple(METRICS.own)
