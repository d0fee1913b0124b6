"""A hand-written timing loop, in a process that imports nothing of lab4."""

import json
import sys
from functools import partial
from pathlib import Path
from statistics import fmean, median

import numpy as np

from benchmarks.harness.crosscheck.results import LatencyKind
from benchmarks.harness.crosscheck.tools.processes import ran_json
from benchmarks.harness.crosscheck.tools.tool import ExternalTool, ReportedLatency, RoundResult, TimingTask
from lab4.domain.errors import UnavailableError

__all__ = ["BARE_LOOP", "COMPILED_MODEL", "loop_samples"]

_SCRIPT = Path(__file__).with_name("loop_script.py")
_APIS = {".tflite": "interpreter", ".onnx": "onnxruntime"}


def loop_samples(task: TimingTask, folder: Path, api: str | None = None) -> dict[str, list[float]]:
    """Seconds of each call, by what the clock contains; raises `UnavailableError` where the loop does not run."""
    model_file = task.model_file
    arrays = folder / "inputs.npz"
    np.savez(arrays, *task.inputs.values(), allow_pickle=False)
    options = {
        "path": model_file.path,
        "api": api or _APIS[model_file.suffix],
        "inputs": [*task.inputs],
        "arrays": str(arrays),
        "threads": task.threads,
        "seconds": task.seconds,
        "warmup_calls": task.warmup_calls,
    }
    # Its text, not its path: Python looks for modules first in the folder of the program.
    command = [sys.executable, "-c", _SCRIPT.read_text("utf-8"), json.dumps(options)]
    samples: dict[str, list[float]] = ran_json(command, folder)
    return samples


def _measure(task: TimingTask, folder: Path) -> dict[LatencyKind, RoundResult]:
    samples = loop_samples(task, folder)
    return {
        LatencyKind("whole", "median"): median(samples["whole"]),
        LatencyKind("compute-only", "median"): median(samples["compute-only"]),
    }


def _measure_compiled(task: TimingTask, folder: Path, api: str) -> dict[LatencyKind, RoundResult]:
    if task.wider:
        raise UnavailableError("it is there to explain litert-benchmark, which gives dynamic dimensions the size 1")
    samples = loop_samples(task, folder, api)["compute-only"]
    return {LatencyKind("compute-only", "median"): median(samples), LatencyKind("compute-only", "mean"): fmean(samples)}


BARE_LOOP = ExternalTool(
    lines={
        ".tflite": (
            ReportedLatency(LatencyKind("whole", "median"), "set_tensor, invoke, get_tensor"),
            ReportedLatency(LatencyKind("compute-only", "median"), "invoke"),
        ),
        ".onnx": (
            ReportedLatency(LatencyKind("whole", "median"), "session.run"),
            ReportedLatency(LatencyKind("compute-only", "median"), "run_with_iobinding"),
        ),
    },
    measure=_measure,
)

_COMPILED_CLOCK = "CompiledModel.run_by_name, buffers bound"
COMPILED_MODEL = ExternalTool(
    lines={
        ".tflite": (
            ReportedLatency(LatencyKind("compute-only", "median"), _COMPILED_CLOCK),
            ReportedLatency(LatencyKind("compute-only", "mean"), _COMPILED_CLOCK),
        )
    },
    measure=partial(_measure_compiled, api="compiled_model"),
    note="another interface than the suite's Interpreter, the one that litert-benchmark calls; where the two agree, "
    "what they differ from the suite by is the interface's own cost",
)
