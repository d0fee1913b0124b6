"""A loop as one would write it by hand, in a process that holds nothing of lab4."""

import json
import sys
from functools import partial
from pathlib import Path
from statistics import fmean, median

from lab4.bench.peers.peer import Line, Peer, Reading, Task
from lab4.bench.peers.processes import ran_json
from lab4.domain.crosscheck import Figure
from lab4.domain.errors import UnavailableError

__all__ = ["BARE_LOOP", "COMPILED_MODEL", "loop_samples"]

_SCRIPT = Path(__file__).with_name("loop_script.py")
_APIS = {".tflite": "interpreter", ".onnx": "onnxruntime"}


def loop_samples(task: Task, folder: Path, api: str | None = None) -> dict[str, list[float]]:
    """Seconds of each call, by what the clock contains; raises `UnavailableError` where the loop does not run."""
    subject = task.subject
    wish = {
        "path": subject.path,
        "api": api or _APIS[subject.suffix],
        "input_name": subject.input_name,
        "shape": task.shape,
        "dtype": subject.dtype,
        "threads": task.threads,
        "seconds": task.seconds,
        "warmup_calls": task.warmup_calls,
    }
    # Its text, not its path: Python looks for modules first in the folder of the program.
    command = [sys.executable, "-c", _SCRIPT.read_text("utf-8"), json.dumps(wish)]
    samples: dict[str, list[float]] = ran_json(command, folder)
    return samples


def _measure(task: Task, folder: Path) -> dict[Figure, Reading]:
    samples = loop_samples(task, folder)
    return {Figure("whole", "median"): median(samples["whole"]), Figure("alone", "median"): median(samples["alone"])}


def _measure_compiled(task: Task, folder: Path, api: str) -> dict[Figure, Reading]:
    _refuse_other_batch(task)
    samples = loop_samples(task, folder, api)["alone"]
    return {Figure("alone", "median"): median(samples), Figure("alone", "mean"): fmean(samples)}


def _refuse_other_batch(task: Task) -> None:
    runs = task.subject.file_batch or 1
    if task.batch_size != runs:
        raise UnavailableError(f"it is there to explain litert-benchmark, which runs {runs} a call")


BARE_LOOP = Peer(
    lines={
        ".tflite": (
            Line(Figure("whole", "median"), "set_tensor, invoke, get_tensor"),
            Line(Figure("alone", "median"), "invoke"),
        ),
        ".onnx": (
            Line(Figure("whole", "median"), "session.run"),
            Line(Figure("alone", "median"), "run_with_iobinding"),
        ),
    },
    measure=_measure,
)

_COMPILED_CLOCK = "CompiledModel.run_by_name, buffers bound"
COMPILED_MODEL = Peer(
    lines={
        ".tflite": (
            Line(Figure("alone", "median"), _COMPILED_CLOCK),
            Line(Figure("alone", "mean"), _COMPILED_CLOCK),
        )
    },
    measure=partial(_measure_compiled, api="compiled_model"),
    note="another interface than the suite's Interpreter, the one that litert-benchmark calls; where the two agree, "
    "what they differ from the suite by is the interface's own cost",
)
