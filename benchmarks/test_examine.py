"""Examine: size, accuracy, sparsity and load time of every artifact."""

import pytest

pytestmark = pytest.mark.examine


def test_examine(lab4_cell, lab4_bench, lab4_artifact, lab4_record):
    """Run the artifact in its runtime on the whole validation set."""
    lab4_record(lab4_bench.examine(lab4_cell, lab4_artifact))
