"""Examine: size, accuracy, sparsity and load time of every artifact."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from lab4.bench.bench import Bench
    from lab4.bench.specs import Built
    from lab4.domain.cell import Cell
    from lab4.suite import Record

pytestmark = pytest.mark.examine


def test_examine(lab4_cell: Cell, lab4_bench: Bench, lab4_artifact: Built, lab4_record: Record) -> None:
    """Run the artifact in its runtime on all examples."""
    lab4_record(lab4_bench.examine(lab4_cell, lab4_artifact))
