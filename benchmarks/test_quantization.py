"""Quantization: accuracy and size at each precision."""

import pytest

pytestmark = pytest.mark.quantization


def test_quantization(lab4_cell, lab4_bench, lab4_artifact, lab4_record):
    """Run the artifact in its own runtime on the whole validation set."""
    lab4_record(lab4_bench.examine(lab4_cell, lab4_artifact))
