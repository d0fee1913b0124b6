"""Deployment: size of every format, and whether it loads and computes what the original does."""

import pytest

pytestmark = pytest.mark.deployment


def test_deployment(lab4_cell, lab4_bench, lab4_artifact, lab4_record):
    """Run the artifact in its own runtime on the whole validation set."""
    lab4_record(lab4_bench.examine(lab4_cell, lab4_artifact))
