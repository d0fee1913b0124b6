"""Latency: time and throughput of every format and technique, at each batch size."""

from lab4.suite.test_latency import pytestmark, test_latency

__all__ = ["pytestmark", "test_latency"]
