"""Inputs for `fuzz_readers`: what each reader reads, changed where it has a meaning, and sometimes byte by byte."""

import io
import json
import warnings
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

from mutations import TEXTS, mutated, mutated_bytes, written

from lab4.domain.observed import Agreement, SystemActivity, WarmUp
from lab4.domain.rounds import Burst, Round, TimingWindow, WarmRunner
from lab4.history.journal import Journal
from lab4.history.plain import from_plain

__all__ = ["APPROVALS", "HOST", "RUN", "journal_lines", "json_of", "lines_of", "npz", "policy"]

REAL = json.loads((Path(__file__).parents[2] / "docs" / "runs" / "nvidia-h100.json").read_bytes())
#: Few rows of each part: places in them are met more often.
RUN = REAL | {"benchmarks": REAL["benchmarks"][::5]}

HOST = {
    "machine_info": {"node": "box", "cpu": {"brand_raw": "CPU", "count": 2}, "system": "Linux", "release": "6"},
    "commit_info": {"id": "c0ffee", "dirty": False},
    "datetime": "2026-01-31T12:00:00.5",
    "version": "5.2",
    "benchmarks": [
        {
            "fullname": f"tests/test_a.py::test_{number}",
            "stats": {"min": 1e-3, "median": 2e-3, "data": [1e-3, 2e-3, 3e-3], "iterations": 1},
        }
        for number in range(2)
    ],
}
APPROVALS = [
    {
        "cell": "latency/fcnn-gpu-b1-onnx",
        "figure": figure,
        "started_at": "2026-01-31T12:00:00+00:00",
        "reason": "meant",
        "by": "ada",
        **more,
    }
    for figure, more in (
        ("latency", {"factor": 1.5}),
        ("size", {"value": 1000.0}),
        ("accuracy", {"correct": {"count": 9, "data": "gIA="}}),
        ("measurement", {}),
    )
]
RUNNER = WarmRunner(0.1, 0.2, WarmUp(8, 0.1, steady=True), Agreement(0.0, 1, 1), 1, (1,), "call", "alone", 1, 1, "ab")
WINDOW = TimingWindow(
    samples_s=(1e-5, 1.1e-5, 1.2e-5),
    compute_only_s=(0.9e-5,),
    probe_s=3e-5,
    bursts=(Burst(2, ({1: 1.4}, {1: 1.4})), Burst(1, ({1: 1.4}, {1: 2.0}))),
    uncontended_ratios={1: 1.4},
    system_activity=SystemActivity(0.01, 0.01, 0, 0.0, 0, 0, 0, None, 0.5, None, None),
    fresh=False,
    compute_only_bursts=(Burst(1, ({1: 1.4}, {1: 1.4})),),
)
POLICY = {
    "false-alarms": "1%",
    "thresholds": [{"cells": "*cnn-*", "figure": "latency", "change": "5%"}],
    "warn": [{"figure": "p99"}],
    "budgets": [{"figure": "size", "at-most": "250 kB"}, {"figure": "accuracy", "at-least": "97%"}],
    "expected": [{"figure": "latency", "change": "5%", "until": "2026-12-31", "reason": "meant"}],
}


def json_of(document):
    return lambda random: garbled(written(mutated(document, random)), random)


def garbled(data, random):
    return mutated_bytes(data, random) if random.randrange(8) == 0 else data


def lines_of(documents):
    def make(random):
        lines = [written(mutated(each, random) if random.randrange(2) else each) for each in documents]
        head, rest = lines[:1], lines[1:]
        random.shuffle(rest)
        return garbled(b"\n".join([*head, *rest]) + random.choice((b"\n", b"", b"\n\n")), random)

    return make


def journal_lines():
    """A journal of the real run with rounds; most lines lack the checksum, which would refuse every change."""
    header = {name: value for name, value in RUN["lab4"].items() if name not in {"complete", "unmeasured"}}
    with (
        TemporaryDirectory() as folder,
        closing(
            Journal.create(Path(folder) / "journal.jsonl", header | {"machine": RUN["machine_info"]["lab4"]})
        ) as journal,
    ):
        for row in RUN["benchmarks"]:
            journal.append(from_plain(row["extra_info"]["lab4"]), row)
        keys = [key for key in journal.entries if key.startswith("latency/")]
        for number in (1, 2):
            runners = dict.fromkeys(keys, RUNNER) if number == 1 else {}
            journal.append_round(Round(number, number * 2.0, dict.fromkeys(keys, WINDOW), runners))
        lines = [json.loads(line) for line in journal.path.read_bytes().splitlines()]
        return [{name: value for name, value in line.items() if name != "crc32"} for line in lines[:-1]] + lines[-1:]


def toml_value(value):
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key)} = {toml_value(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list):
        return f"[{', '.join(map(toml_value, value))}]"
    if value == "2026-12-31":
        return value
    return "nan" if value is None else json.dumps(value).replace("NaN", "nan").replace("Infinity", "inf")


def policy(random):
    table = mutated(POLICY, random)
    lines = [f"{json.dumps(key)} = {toml_value(each)}" for key, each in table.items()]
    return garbled("\n".join(["[tool.lab4.gate]", *lines]).encode(errors="replace"), random)


def npz(random):
    import numpy as np

    def array():
        kind = random.choice(("uint8", "float32", "float64", "int64", "bool", "complex64", "U3", "float16", "O"))
        shape = random.choice(
            ((20,), (20, 4, 4), (20, 4, 4, 1), (20, 4, 4, 3), (), (0,), (0, 4, 4), (1, 1, 1, 1, 1), (20, 1))
        )
        made = np.zeros(shape, kind)
        if made.size and kind not in {"U3", "O"}:
            made.flat[:: random.randint(1, 3)] = random.choice((0, 1, 2, 255))
            if kind.startswith("float"):
                made.flat[0] = random.choice((0.0, np.nan, np.inf, -1.0))
        return made

    names = random.choice((("x", "y"), ("x_train", "y_train", "x_test", "y_test"), ("x",), (), ("x", "y", TEXTS[2])))
    arrays = {name: array() for name in names}
    if random.randrange(2) and "x" in arrays:
        arrays["x"], arrays["y"] = np.zeros((20, 8, 8), "uint8"), np.arange(20) % 2
    file = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        random.choice((np.savez, np.savez_compressed))(file, **arrays)
    data = file.getvalue()
    return mutated_bytes(data, random) if random.randrange(3) else data
