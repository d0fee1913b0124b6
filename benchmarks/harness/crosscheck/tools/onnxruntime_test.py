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


def _batch(task: TimingTask) -> list[str]:
    model_file = task.model_file
    if model_file.file_batch is not None or task.batch_size == 1:  # 1 is what it gives to every free dimension
        return []
    if model_file.batch_name is None:
        raise UnavailableError("it can set only a dimension that has a name, and this file's batch has none")
    return ["--symbolic_dims", f"{model_file.batch_name}={task.batch_size}"]


def _measure(task: TimingTask, folder: Path) -> dict[LatencyKind, RoundResult]:
    batch = _batch(task)
    *_, code = script_command("onnxruntime_test", "onnxruntime")
    command = [sys.executable, "-c", _WITH_THREADS.format(threads=task.threads) + code]
    return {_MEAN: average_s(ran([*command, task.model_file.path, str(task.calls), *batch], folder))}


ONNXRUNTIME_TEST = ExternalTool(
    lines={".onnx": (ReportedLatency(_MEAN, "session.run"),)},
    measure=_measure,
    note="it has no option for threads: its own main is run with intra_op_num_threads added to its session; "
    "it does not warm up, so the first call is in its mean",
)
