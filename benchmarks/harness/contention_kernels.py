"""Which kernel shows that something else works on the same core, and what it is worth to leave those moments out.

In one process, one core after another: short bursts of real calls, and every kernel once next to them, for a minute.
Printed are, for each kernel, how it follows the calls, how often it says that the core was shared, and how much the
calls' time varies between blocks of five seconds when only the other moments count.
"""

import argparse
import hashlib
import os
import zlib
from functools import partial
from random import Random
from statistics import stdev
from time import perf_counter

import numpy as np

from lab4.bench.bench import Bench
from lab4.bench.profiles import QUICK, Order
from lab4.bench.runtime_jobs import batch_of, load_runner
from lab4.cache import default_folder
from lab4.domain.cell import Cell
from lab4.domain.timing import TimingBudget
from lab4.kernels import least_s, without_gc
from lab4.measure.latency import time_calls
from lab4.runtimes.host import RunSpec
from lab4.sampling.contention import is_uncontended, uncontended_ratio_of

BURST = TimingBudget(0.004)
BLOCK_S = 5.0
LEAST_MOMENTS = 6
BYTES = bytes(range(256)) * 256
SQUARE = np.linspace(0, 1, 64 * 64, dtype=np.float32).reshape(64, 64)
VECTOR = np.linspace(0, 1, 4096, dtype=np.float32)
FOUR_MB = np.zeros(1 << 20, np.float32)
MEMORY = np.arange(1 << 24)
PLACES = np.random.default_rng(0).integers(0, len(MEMORY), 20_000)
SOURCE = "def f(a, b):\n    c = a + b * 2\n    return [c for _ in range(a) if c]\n" * 3

KERNELS = {
    "SHA-256 (reference)": lambda: hashlib.sha256(BYTES).digest(),
    "BLAKE2b": lambda: hashlib.blake2b(BYTES[:32768]).digest(),
    "CRC-32": lambda: zlib.crc32(BYTES),
    "matrix product": lambda: [SQUARE @ SQUARE for _ in range(4)],
    "vector product": lambda: [VECTOR * VECTOR for _ in range(20)],
    "sum from the last cache": FOUR_MB[: 1 << 18].sum,
    "random reads of memory": lambda: MEMORY.take(PLACES),
    "a loop in Python": lambda: sum(each * each for each in range(1500)),
    "Python's compiler": lambda: compile(SOURCE, "", "exec"),
}
REFERENCE = "SHA-256 (reference)"


def moments(spec: RunSpec, seconds: float) -> list[dict[str, float]]:
    """In the runtime's own process: the calls' time and each kernel's, moment by moment."""
    runner = load_runner(spec)
    random, found, begun = Random(1), [], perf_counter()  # noqa: S311  # an order, not a secret
    with runner.scope(), without_gc():
        call = partial(runner.run, runner.prepare(batch_of(spec)))
        while (at := perf_counter() - begun) < seconds:
            os.sched_setaffinity(0, {random.choice(range(os.cpu_count() or 1))})
            moment = {"at": at, "call": float(np.quantile(time_calls(call, BURST), 0.1))}
            for name in random.sample(list(KERNELS), len(KERNELS)):
                moment[name] = least_s(KERNELS[name])
            found.append(moment)
    return found


def variation(found, chosen):
    """Between blocks of time: the lower quartile of the calls' time over the frequency probe's, in percent."""
    blocks: dict[int, list[float]] = {}
    for moment in (each for each, kept in zip(found, chosen, strict=True) if kept):
        blocks.setdefault(int(moment["at"] // BLOCK_S), []).append(np.log(moment["call"] / moment[REFERENCE]))
    quartiles = [np.quantile(each, 0.25) for each in blocks.values() if len(each) >= LEAST_MOMENTS]
    return 100 * stdev(quartiles) if len(quartiles) > 1 else float("nan")


def report(cell, found):
    calls = np.log([each["call"] for each in found])
    whole = variation(found, [True] * len(found))
    print(f"\n{cell.id}: {len(found)} moments; the calls' time varies between blocks by {whole:.2f}%, of all moments")
    print(f"{'kernel':26}{'p5 to p95':>12}{'correlation':>13}{'core shared':>13}{'varies without those':>22}")
    for name in KERNELS:
        times = np.log([each[name] for each in found])
        levels = {0: uncontended_ratio_of([(each[REFERENCE], each[name]) for each in found])}
        uncontended = [is_uncontended({0: each[name] / each[REFERENCE]}, levels) for each in found]
        spread = 100 * (np.quantile(times, 0.95) - np.quantile(times, 0.05))
        line = f"{name:26}{spread:11.1f}%{np.corrcoef(times, calls)[0, 1]:13.2f}"
        if name != REFERENCE:
            line += f"{1 - np.mean(uncontended):13.0%}{variation(found, uncontended):21.2f}%"
        print(line, flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=60, help="for each cell")
    seconds = parser.parse_args().seconds
    bench = Bench(Order("mnist_10k", QUICK, 1, default_folder(), rebuild=False, cell_limit_s=600), print)
    try:
        for model in ("fcnn", "cnn"):
            for name in ("onnx", "tflite_float32", "tflite_int8"):
                cell = Cell("latency", model, (), "cpu", 1, name)
                hosted = bench.hosted(cell, bench.artifact(cell, bench.model(cell)))
                report(cell, hosted.host.run(hosted.spec, partial(moments, seconds=seconds)))
    finally:
        bench.close()


if __name__ == "__main__":
    import contention_kernels  # by its name: a runtime's process imports the job, and not this script

    contention_kernels.main()
