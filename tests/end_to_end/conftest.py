"""One bench for every test here: a model is trained once, each runtime lives in a process of its own."""

from dataclasses import replace

import pytest

from lab4.bench.bench import Bench
from lab4.bench.profiles import QUICK, Order
from lab4.domain.cell import Cell

PROFILE = replace(QUICK, name="test", epochs=1, finetune_epochs=1, window_s=0.004, min_calls=2, quantization_images=100)


@pytest.fixture(scope="session")
def bench(tmp_path_factory):
    warnings = []
    cache = tmp_path_factory.mktemp("cache")
    # No quiet moments are waited for: other tests work meanwhile.
    order = Order("mnist_10k", PROFILE, seed=1, cache=cache, rebuild=False, cell_limit_s=300, patience_s=0)
    bench = Bench(order, warnings.append)
    yield bench
    bench.close()
    assert warnings == []


@pytest.fixture(scope="session")
def built(bench):
    """Build the artifact of a cell, given by its key."""

    def build(key):
        cell = Cell.from_key(key)
        return cell, bench.artifact(cell, bench.model(cell))

    return build
