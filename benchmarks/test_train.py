"""Train: seconds and samples/second in steady state, and the validation accuracy reached."""

import pytest

pytestmark = pytest.mark.train


def test_train(lab4_cell, lab4_bench, lab4_record):
    """Train the model from its seed, with the clock on."""
    lab4_record(lab4_bench.training(lab4_cell))
