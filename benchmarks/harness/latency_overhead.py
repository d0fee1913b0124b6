"""What the harness adds to a latency: the suite's figure against a bare loop over the same runner, alternated.

Run ``python benchmarks/harness/latency_overhead.py``. For each format and batch size it prints the median over pairs of

    p50 of the suite's samples / median of a plain loop, its clock around blocks of calls of 0.2 ms together

The two take turns, first one and then the other first, so that the machine's slow and fast seconds touch both alike.
"""

import argparse
import sys
from functools import partial
from math import ceil
from statistics import median
from time import perf_counter

import numpy as np

from lab4.bench.bench import Bench
from lab4.bench.profiles import QUICK, Order
from lab4.bench.runtime_jobs import batch_of, load_runner
from lab4.cache import default_folder
from lab4.domain.cell import Cell
from lab4.domain.timing import TimingBudget
from lab4.kernels import without_gc
from lab4.measure.latency import iterations_for, time_calls
from lab4.runtimes.host import RunSpec

#: A block is so long that the cost of reading the clock is negligible; a call that is longer is a block by itself.
BLOCK_S = 2e-4
FORMATS_TIMED = ("tflite_int8", "tflite_float32", "onnx", "keras", "saved_model", "keras:predict")


def bare_loop(run, inputs, calls, block):
    """Median seconds per call of a plain loop that reads the clock around blocks of calls."""
    seconds = []
    with without_gc():
        for _ in range(ceil(calls / block)):
            start = perf_counter()
            for _ in range(block):
                run(inputs)
            seconds.append((perf_counter() - start) / block)
    return median(seconds)


def compare(spec: RunSpec, pairs: int, seconds: float) -> tuple[list[float], float]:
    """In the runtime's own process: the ratio of each pair, and the bare loop's median in seconds."""
    runner = load_runner(spec)
    with runner.scope():
        inputs = runner.prepare(batch_of(spec))
        budget = TimingBudget(seconds, min_calls=5, max_calls=2_000)
        runner.run(inputs)
        call = partial(runner.run, inputs)
        first = time_calls(call, budget)
        calls, block = len(first), ceil(BLOCK_S / median(first))
        iterations = iterations_for(median(first))
        ratios, bare = [], []
        for pair in range(pairs):
            if pair % 2:
                bare.append(bare_loop(runner.run, inputs, calls, block))
            suite = median(time_calls(call, budget, iterations))
            if not pair % 2:
                bare.append(bare_loop(runner.run, inputs, calls, block))
            ratios.append(suite / bare[-1])
    return ratios, median(bare)


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--pairs", type=int, default=31)
    parser.add_argument("--seconds", type=float, default=0.05, help="of the suite's samples in each pair")
    parser.add_argument("--limit", type=float, default=0.03, help="exit 1 where the median ratio is further from 1")
    options = parser.parse_args()
    worst = 0.0
    bench = Bench(Order("mnist_10k", QUICK, 1, default_folder(), rebuild=False, cell_limit_s=600), print)
    print(f"{'cell':34} {'bare loop':>12} {'suite / bare, median of pairs':>30}   quartiles")
    for model in ("fcnn", "cnn"):
        for name in FORMATS_TIMED:
            for batch_size in (1, 32):
                cell = Cell.parse("latency", f"{model}-cpu-b{batch_size}-{name}")
                job = partial(compare, pairs=options.pairs, seconds=options.seconds)
                hosted = bench.hosted(cell, bench.artifact(cell, bench.model(cell)))
                ratios, bare = hosted.host.run(hosted.spec, job)
                low, middle, high = np.quantile(ratios, [0.25, 0.5, 0.75])
                worst = max(worst, abs(middle - 1))
                print(f"{cell.id:34} {bare * 1e6:9.1f} us {middle:30.4f}   {low:.4f} to {high:.4f}", flush=True)
    bench.close()
    print(f"largest distance from 1: {worst:.2%} (wanted: within {options.limit:.0%})")
    return worst > options.limit


if __name__ == "__main__":
    import latency_overhead  # by its name: a runtime's process imports the job, and not this script

    sys.exit(latency_overhead.main())
