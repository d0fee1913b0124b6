"""``litert-benchmark``, which comes with ai-edge-litert.

Read in ai_edge_litert/tools/benchmark_litert_model.py (2.3.0), ``run_benchmark``: two readings of ``perf_counter``
around ``CompiledModel.run_by_name`` on buffers that were filled once with random numbers, after warm-up calls; the
garbage collector stays on. The JSON has mean, median and more in ms with two decimals: steps of 10 us, longer than
many whole calls. ``throughput_mb_s`` is made of the mean before it was rounded, and gives it to four digits.
"""

import json
from pathlib import Path
from typing import Any

from benchmarks.harness.crosscheck.results import SUITE, LatencyKind
from benchmarks.harness.crosscheck.tools.processes import ran, script_command
from benchmarks.harness.crosscheck.tools.tool import ExternalTool, ReportedLatency, RoundResult, TimingTask
from lab4.domain.errors import UnavailableError
from lab4.domain.outcome import Unavailable

__all__ = ["LITERT_BENCHMARK", "round_results"]

_MEAN, _MEDIAN = LatencyKind("compute-only", "mean"), LatencyKind("compute-only", "median")
#: All its figures have two decimals.
_ROUNDING = 0.005
_MOST_ROUNDING = 0.01
_CLOCK = "CompiledModel.run_by_name, buffers bound"


def round_results(results: Any, input_bytes: int) -> dict[LatencyKind, RoundResult]:
    """Seconds per call from its JSON, where rounding leaves them within 1%; ``input_bytes`` are those of one call.

    Raises:
        UnavailableError: where the JSON has other fields than those of 2.3.0.
    """
    try:
        latency, throughput = results["latency"], float(results["throughput_mb_s"])
        mean_ms, median_ms = float(latency["avg_ms"]), float(latency["median_ms"])
    except (KeyError, TypeError, ValueError):
        raise UnavailableError("its JSON has other fields than those of 2.3.0") from None
    # It divides by 2**20 and calls that MB.
    from_throughput = _exact(throughput, input_bytes / 2**20 / throughput if throughput else 0.0, "mean")
    from_mean = _exact(mean_ms, mean_ms / 1e3, "mean")
    mean = from_mean if isinstance(from_throughput, Unavailable) else from_throughput
    return {_MEAN: mean, _MEDIAN: _exact(median_ms, median_ms / 1e3, "median")}


def _exact(stated: float, value_s: float, statistic: str) -> RoundResult:
    if stated * _MOST_ROUNDING < _ROUNDING:
        return Unavailable(f"it rounds its {statistic} to 0.01 ms, which is too coarse here (it says {stated:g} ms)")
    return value_s


def _measure(task: TimingTask, folder: Path) -> dict[LatencyKind, RoundResult]:
    if task.wider:
        raise UnavailableError(f"it has no option for dynamic dimensions and gives each the size 1, {task.wider} too")
    output = folder / "litert-benchmark.json"
    output.unlink(missing_ok=True)  # an earlier round's
    options = {
        "--model": task.model_file.path,
        "--num_runs": task.calls,
        "--warmup_runs": task.warmup_calls,
        "--num_threads": task.threads,
        "--result_json": output,
    }
    words = [f"{option}={value}" for option, value in options.items()]
    ran([*script_command("litert-benchmark", "ai-edge-litert"), *words], folder)
    try:
        results = json.loads(output.read_text("utf-8"))
    except (OSError, ValueError):
        raise UnavailableError("it ended well, but wrote no figures") from None
    return round_results(results, sum(array.nbytes for array in task.inputs.values()))


LITERT_BENCHMARK = ExternalTool(
    lines={".tflite": (ReportedLatency(_MEAN, _CLOCK), ReportedLatency(_MEDIAN, _CLOCK))},
    measure=_measure,
    # The suite calls the Interpreter, another interface: only the bare loop of the same call is like with like.
    references=(SUITE, "bare loop (CompiledModel)"),
    note="its mean is taken from the throughput that it prints, as it rounds the mean itself to 0.01 ms",
)
