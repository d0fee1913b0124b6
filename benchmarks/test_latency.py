"""Latency: time and throughput of every format and technique, at each batch size."""

import pytest

pytestmark = pytest.mark.latency


def test_latency(lab4_cell, lab4_bench, lab4_artifact, lab4_record):
    """Time the artifact's calls in its runtime."""
    lab4_record(lab4_bench.latency(lab4_cell, lab4_artifact))
