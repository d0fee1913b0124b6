"""Pruning: accuracy, size and counted sparsity, with and without quantization, beside an unpruned control."""

import pytest

pytestmark = pytest.mark.pruning


def test_pruning(lab4_cell, lab4_bench, lab4_artifact, lab4_record):
    """Run the artifact in its own runtime on the whole validation set."""
    lab4_record(lab4_bench.examine(lab4_cell, lab4_artifact))
