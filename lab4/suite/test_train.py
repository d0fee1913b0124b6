"""Train: seconds and samples/second in steady state, and the validation accuracy reached."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from lab4.bench.bench import Bench
    from lab4.domain.cell import Cell
    from lab4.suite import Record

pytestmark = pytest.mark.train


def test_train(lab4_cell: Cell, lab4_bench: Bench, lab4_record: Record) -> None:
    """Train the model from its seed, with the clock on."""
    lab4_record(lab4_bench.training(lab4_cell))
