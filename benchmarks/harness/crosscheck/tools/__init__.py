"""The external tools that time model files, one module each: its command, its output, its timed region."""

from benchmarks.harness.crosscheck.tools.tool import ExternalTool, TimingTask
from lab4.domain.registry import Registry

__all__ = ["TOOLS", "ExternalTool", "TimingTask"]

#: In the order of the rows.
TOOLS: Registry[ExternalTool] = Registry(
    "external tool",
    {
        "bare loop": "benchmarks.harness.crosscheck.tools.bare_loop:BARE_LOOP",
        "bare loop (CompiledModel)": "benchmarks.harness.crosscheck.tools.bare_loop:COMPILED_MODEL",
        "litert-benchmark": "benchmarks.harness.crosscheck.tools.litert_benchmark:LITERT_BENCHMARK",
        "onnxruntime_test": "benchmarks.harness.crosscheck.tools.onnxruntime_test:ONNXRUNTIME_TEST",
    },
)
