"""What a bench does after an interrupt ended the measuring."""

import pytest

from lab4.bench.bench import Bench
from lab4.bench.profiles import QUICK, Order
from lab4.domain.cell import Cell
from lab4.domain.errors import INTERRUPTED, UnavailableError


def test_nothing_is_built_for_a_cell_that_was_not_timed(tmp_path):
    """With an empty cache a run would go on training for a minute before it could end."""
    bench = Bench(Order("mnist_10k", QUICK, 1, tmp_path, rebuild=False, cell_limit_s=300), print)
    bench.is_cut = True
    try:
        with pytest.raises(UnavailableError, match=INTERRUPTED):
            bench.model(Cell.from_key("latency/cnn-cpu-b1-keras"))
        assert "builds" not in vars(bench)  # what would have started TensorFlow
    finally:
        bench.close()
