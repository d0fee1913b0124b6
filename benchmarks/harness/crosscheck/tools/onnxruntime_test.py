"""``onnxruntime_test``, which comes with onnxruntime.

Read in onnxruntime/tools/onnxruntime_test.py (1.32.0), ``run_model``: one reading of ``timeit.default_timer`` before
and one after all calls of ``session.run([], feeds)``, which copies the input in and the output out; it prints the mean,
unrounded. Nothing warms up: the first call is in the mean. Inputs are random numbers.

It has no option for threads, and its session takes one per core. Pinning the process to a core does not change that:
the threads of ONNX Runtime's pool move to the other cores (seen with ``taskset -c 0``: the pool's thread had
the affinity {1}). So its own ``main`` is run with one thing added: ``intra_op_num_threads`` in the session's options.
"""

import re
import sys
from pathlib import Path

from benchmarks.harness.crosscheck.results import LatencyKind
from benchmarks.harness.crosscheck.tools.processes import ran, script_command
from benchmarks.harness.crosscheck.tools.tool import ExternalTool, ReportedLatency, RoundResult, TimingTask
from lab4.domain.errors import UnavailableError

__all__ = ["ONNXRUNTIME_TEST", "average_s"]

_MEAN = LatencyKind("whole", "mean")
_AVERAGE = re.compile(r"^avg latency: (\S+) ms$", re.MULTILINE)
#: Put before the script's own code: where it makes a session without options, the threads are set.
_WITH_THREADS = """
import onnxruntime
_session = onnxruntime.InferenceSession
def _threaded(*arguments, sess_options=None, **others):
    options = sess_options or onnxruntime.SessionOptions()
    options.intra_op_num_threads = {threads}
    return _session(*arguments, sess_options=options, **others)
onnxruntime.InferenceSession = _threaded
"""


def average_s(printed: str) -> float:
    r"""Seconds per call from what it prints; raises `UnavailableError` if it prints something else.

    >>> round(average_s("iterations: 10\navg latency: 0.25 ms\n"), 9)
    0.00025
    """
    found = _AVERAGE.search(printed)
    try:
        return float(found[1]) / 1e3 if found else _unreadable()
    except ValueError:
        return _unreadable()


def _unreadable() -> float:
    raise UnavailableError("it ended well, but printed no average that this version of lab4 can read")


def _dimensions(task: TimingTask) -> list[str]:
    named = {each.name for tensor in task.model_file.contract.inputs for each in tensor.dimensions or ()}
    unnamed = [name for name in task.wider if name not in named]
    if unnamed:
        raise UnavailableError(f"it can set only a dimension that has a name, and {unnamed[0]} has none in this file")
    return ["--symbolic_dims", ",".join(f"{name}={size}" for name, size in task.wider.items())] if task.wider else []


def _refuse_values(task: TimingTask) -> None:
    """It draws the values of all inputs itself: whole numbers below 1000, and any others from 0 to 1."""
    ruled = [name for name in task.model_file.rules if task.inputs[name].dtype.kind != "f"]
    if ruled:
        raise UnavailableError(f"it draws the values of its inputs itself, and {ruled[0]} must have others")


def _measure(task: TimingTask, folder: Path) -> dict[LatencyKind, RoundResult]:
    dimensions = _dimensions(task)
    _refuse_values(task)
    *_, code = script_command("onnxruntime_test", "onnxruntime")
    command = [sys.executable, "-c", _WITH_THREADS.format(threads=task.threads) + code]
    return {_MEAN: average_s(ran([*command, task.model_file.path, str(task.calls), *dimensions], folder))}


ONNXRUNTIME_TEST = ExternalTool(
    lines={".onnx": (ReportedLatency(_MEAN, "session.run"),)},
    measure=_measure,
    note="it has no option for threads: its own main is run with intra_op_num_threads added to its session; "
    "it does not warm up, so the first call is in its mean",
)
