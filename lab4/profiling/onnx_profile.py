"""Time by operator of an ONNX model, by ONNX Runtime's profiler.

https://onnxruntime.ai/docs/performance/tune-performance/profiling-tools.html: a trace of events in microseconds.
"""

import json
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from operator import itemgetter
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from lab4.domain.errors import ConversionError
from lab4.domain.profiled import Profile
from lab4.domain.text import first_line
from lab4.domain.untyped import Untyped
from lab4.frameworks import onnxruntime
from lab4.profiling.calls import plain_call_s
from lab4.profiling.operators import WARM_UP, Step, dtype_of, operator_times

_STEP_S = 1e-6
_SUFFIX = "_kernel_time"
#: What ONNX Runtime calls dtypes that NumPy calls otherwise.
_DTYPES = {"float": "float32", "double": "float64"}


def profile_onnx(path: Path, call: Mapping[str, Any]) -> Profile:
    """Call the model, on one thread of the CPU, with and then under the profiler.

    Raises `ConversionError` where it does not load or run.
    """
    try:
        return _profiled(path, call)
    except Exception as error:  # its exceptions are private types of a native module
        raise ConversionError(f"{path.name} does not run in ONNX Runtime: {first_line(error)}") from error


def _profiled(path: Path, call: Mapping[str, Any]) -> Profile:
    plain = _session(path, "")
    seconds, calls = plain_call_s(lambda: plain.run(None, call))
    with TemporaryDirectory() as folder:
        session = _session(path, str(Path(folder, "trace")))
        for _ in range(WARM_UP + calls):
            session.run(None, call)
        events = json.loads(Path(session.end_profiling()).read_text(encoding="utf-8"))
    steps, calls_s = steps_of(events)
    steps, calls_s = steps[WARM_UP:], calls_s[WARM_UP:]
    operators = operator_times(steps, calls_s)
    outside = 1 - sum(each.share for each in operators)
    version = str(onnxruntime().__version__)
    return Profile(
        "ONNX Runtime", version, len(calls_s), 1, median(calls_s), seconds, outside, _STEP_S, True, operators
    )


def _session(path: Path, trace: str) -> Untyped:
    options = onnxruntime().SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 4
    if trace:
        options.enable_profiling = True
        options.profile_file_prefix = trace
    return onnxruntime().InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def steps_of(events: Sequence[Mapping[str, Any]]) -> tuple[list[list[Step]], list[float]]:
    """The operators of each call, and the seconds of each call.

    An operator's event lasts as long as those of its inner graphs (If, Loop) inside it: they are taken from its own.
    """
    runs = sorted((each for each in events if each["name"] == "model_run"), key=itemgetter("ts"))
    starts = [each["ts"] for each in runs]
    steps: list[list[Step]] = [[] for _ in runs]
    nodes = [each for each in events if each.get("cat") == "Node" and each["name"].endswith(_SUFFIX)]
    for event, own in _own_times(nodes):
        number = bisect_right(starts, event["ts"]) - 1
        if number >= 0:
            arguments = event["args"]
            name = event["name"][: -len(_SUFFIX)]
            where, dtype = arguments.get("provider", ""), _dtype(arguments.get("input_type_shape"))
            steps[number].append(Step(name, arguments["op_name"], where, own * _STEP_S, dtype))
    return steps, [each["dur"] * _STEP_S for each in runs]


def _dtype(inputs: Sequence[Mapping[str, Any]] | None) -> str:
    """What an operator computes in, by its inputs: for each a dict from its dtype to its shape."""
    return dtype_of([_DTYPES.get(name, name) for each in inputs or () for name in each])


def _own_times(nodes: Iterable[Mapping[str, Any]]) -> list[tuple[Mapping[str, Any], float]]:
    found: list[list[Any]] = []
    open_nodes: list[list[Any]] = []
    for event in sorted(nodes, key=lambda each: (each["ts"], -each["dur"])):
        entry = [event, float(event["dur"])]
        end = event["ts"] + event["dur"]
        while open_nodes and end > open_nodes[-1][0]["ts"] + open_nodes[-1][0]["dur"]:
            open_nodes.pop()
        if open_nodes:
            open_nodes[-1][1] -= event["dur"]
        found.append(entry)
        open_nodes.append(entry)
    return [(event, max(0.0, own)) for event, own in found]
