"""A runtime of its own, for tests: one JSON object per line in and out, its own clock, no package but Python's own.

It multiplies an example by a matrix, and takes the softmax. Run it with ``python -S -E``.
"""

import ast
import json
import sys
from array import array
from hashlib import sha256
from math import exp
from operator import mul
from struct import unpack
from time import perf_counter, process_time

_OPENED = {}


def examples_in(folder, limit=None):
    """Rows of the only input's file, float32."""
    with open(f"{folder}/examples.json", encoding="utf-8") as index:  # noqa: PTH123
        (told,) = json.load(index)["inputs"]
    with open(f"{folder}/{told['file']}", "rb") as file:  # noqa: PTH123
        file.seek(8)
        header = ast.literal_eval(file.read(unpack("<H", file.read(2))[0]).decode())
        count, size = header["shape"][0], 1
        assert header["descr"] == "<f4", header["descr"]
        for side in header["shape"][1:]:
            size *= side
        for _ in range(count if limit is None else min(limit, count)):
            yield array("f", file.read(4 * size))


def load(path):
    with open(path, encoding="utf-8") as file:  # noqa: PTH123
        matrix = json.load(file)["matrix"]

    def call(batch):
        outputs = []
        for example in batch:
            powers = [exp(sum(map(mul, row, example))) for row in matrix]
            outputs.append([power / sum(powers) for power in powers])
        return outputs

    return call


def timed(call):
    start = perf_counter()
    call()
    return perf_counter() - start


def frequency_probe_s():
    block = bytes(65536)
    return min(timed(lambda: sha256(block).digest()) for _ in range(5))


def describe():
    steps = [after - before for before, after in ((perf_counter(), perf_counter()) for _ in range(1000))]
    return {"version": "1.5", "resolution_s": min(step for step in steps if step > 0)}


def open_artifact(path, examples, batch_size, warmup_s, checked):
    rows = list(examples_in(examples, max(checked, batch_size)))
    start = perf_counter()
    call = load(path)
    load_s = perf_counter() - start
    batch = rows[:batch_size]
    first_call_s, warm = timed(lambda: call(batch)), [timed(lambda: call(batch)) for _ in range(2)]
    stop = perf_counter() + warmup_s
    while perf_counter() < stop and len(warm) < 10:
        warm.append(timed(lambda: call(batch)))
    number = len(_OPENED) + 1
    _OPENED[number] = call, batch
    return {
        "number": number,
        "load_s": load_s,
        "first_call_s": first_call_s,
        "warmup": [len(warm), sum(warm)],
        "outputs": {"scores": call(rows[:checked])},
    }


def time_window(number, seconds, min_calls, max_calls):
    call, batch = _OPENED[number]
    probe_s, began, cpu_began, samples = frequency_probe_s(), perf_counter(), process_time(), []
    while len(samples) < min_calls or (perf_counter() - began < seconds and len(samples) < max_calls):
        samples.append(timed(lambda: call(batch)))
    wall_s, cpu_s = perf_counter() - began, process_time() - cpu_began
    return {"samples_s": samples, "probe_s": probe_s, "wall_s": wall_s, "cpu_s": cpu_s}


def time_loads(path, examples, loads):
    batch = list(examples_in(examples, 1))
    return [timed(lambda: load(path)(batch)) for _ in range(loads)]


def predict(path, examples):
    return {"scores": load(path)(examples_in(examples))}


def close(number):
    _OPENED[number] = None


def leave():
    sys.exit(3)


METHODS = {each.__name__: each for each in (describe, open_artifact, time_window, time_loads, predict, close, leave)}

for line in sys.stdin:
    question = json.loads(line)
    try:
        answer = {"result": METHODS[question.pop("method")](**question)}
    except (OSError, ValueError, KeyError) as error:
        answer = {"refused": f"{type(error).__name__}: {error}"}
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()
