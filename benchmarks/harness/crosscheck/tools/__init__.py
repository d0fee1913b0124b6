"""The external tools that time model files, one module each: its command, its output, its timed region."""

from benchmarks.harness.crosscheck.tools.bare_loop import BARE_LOOP, COMPILED_MODEL
from benchmarks.harness.crosscheck.tools.litert_benchmark import LITERT_BENCHMARK
from benchmarks.harness.crosscheck.tools.onnxruntime_test import ONNXRUNTIME_TEST
from benchmarks.harness.crosscheck.tools.tool import ExternalTool, TimingTask

__all__ = ["TOOLS", "ExternalTool", "TimingTask"]

#: In the order of the rows.
TOOLS: dict[str, ExternalTool] = {
    "bare loop": BARE_LOOP,
    "bare loop (CompiledModel)": COMPILED_MODEL,
    "litert-benchmark": LITERT_BENCHMARK,
    "onnxruntime_test": ONNXRUNTIME_TEST,
}
