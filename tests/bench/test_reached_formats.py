"""A run of a user's file opens only what the file reaches."""

from contextlib import closing

import pytest
from lab4_small_models import write_onnx

from lab4.bench.bench import Bench
from lab4.bench.given import source_of
from lab4.bench.profiles import QUICK, Order
from lab4.domain.cell import Cell
from lab4.domain.errors import UnavailableError
from lab4.runtimes.runtime import TENSORFLOW_PROCESS


def test_no_runtime_is_opened_for_a_format_that_is_not_made_of_the_file(tmp_path):
    source = source_of("net", str(write_onnx(tmp_path / "net.onnx")), {}, {})
    order = Order(
        "mnist_10k",
        QUICK,
        seed=1,
        cache=tmp_path / "cache",
        rebuild=False,
        cell_limit_s=60,
        resources=(),
        sources={"net": source},
    )
    reached, *others = (Cell.from_key(f"examine/net-cpu-{form}") for form in ("onnx_float16", "keras", "saved_model"))
    with closing(Bench(order, pytest.fail)) as bench:
        bench.preload([reached, *others])
        bench.require(reached)
        for cell in others:
            with pytest.raises(UnavailableError, match=r" is not made from onnx files$"):
                bench.require(cell)
        assert bench.processes._workers
        assert TENSORFLOW_PROCESS not in bench.processes._workers
