"""Inference: latency and throughput of every format and technique, at each batch size."""

import pytest

pytestmark = pytest.mark.inference


def test_inference(lab4_cell, lab4_bench, lab4_artifact, lab4_record):
    """Time the artifact's calls in its own runtime."""
    lab4_record(lab4_bench.inference(lab4_cell, lab4_artifact))
