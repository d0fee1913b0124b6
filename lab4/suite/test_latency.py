"""Latency: time and throughput of every format and technique, at each batch size."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from lab4.bench.bench import Bench
    from lab4.bench.specs import Built
    from lab4.domain.cell import Cell
    from lab4.suite import Record

pytestmark = pytest.mark.latency


def test_latency(lab4_cell: Cell, lab4_bench: Bench, lab4_artifact: Built, lab4_record: Record) -> None:
    """Time the artifact's calls in its runtime."""
    lab4_record(lab4_bench.latency(lab4_cell, lab4_artifact))
