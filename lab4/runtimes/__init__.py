"""Runtimes, one file for those of a framework: what runs artifacts on a device, and the host that times it there."""

from lab4.domain.errors import UnavailableError
from lab4.domain.registry import Registry
from lab4.runtimes.host import HostContext, HostFacts, RuntimeHost
from lab4.runtimes.runtime import Load, PythonRuntime, Runner, Runtime, WorkPlacement

__all__ = [
    "RUNTIMES",
    "HostContext",
    "HostFacts",
    "Load",
    "PythonRuntime",
    "Runner",
    "Runtime",
    "RuntimeHost",
    "WorkPlacement",
    "python_runtime",
]

RUNTIMES: Registry[Runtime] = Registry(
    "runtime",
    {
        "tensorflow": "lab4.runtimes.tensorflow_runtime:TENSORFLOW",
        "tensorflow_xla": "lab4.runtimes.tensorflow_runtime:XLA",
        "predict": "lab4.runtimes.tensorflow_runtime:PREDICT",
        "litert": "lab4.runtimes.litert_runtime:LITERT",
        "onnxruntime": "lab4.runtimes.onnx_runtime:ONNX_RUNTIME",
        "tfjs_node": "lab4.runtimes.engine_runtime:TFJS_NODE",
        "tfjs_node_cpu": "lab4.runtimes.engine_runtime:TFJS_NODE_CPU",
        "tfjs_chromium": "lab4.runtimes.engine_runtime:TFJS_CHROMIUM",
        "tfjs_chromium_cpu": "lab4.runtimes.engine_runtime:TFJS_CHROMIUM_CPU",
        "tfjs_webgl": "lab4.runtimes.engine_runtime:TFJS_WEBGL",
        "tfjs_webgpu": "lab4.runtimes.engine_runtime:TFJS_WEBGPU",
        "onnx_node": "lab4.runtimes.engine_runtime:ONNX_NODE",
        "onnx_chromium": "lab4.runtimes.engine_runtime:ONNX_CHROMIUM",
        "onnx_webgpu": "lab4.runtimes.engine_runtime:ONNX_WEBGPU",
        "litert_chromium": "lab4.runtimes.engine_runtime:LITERT_CHROMIUM",
        "onnxruntime_bound": "lab4.runtimes.onnx_bound:ONNX_BOUND",
        "tfjs_loader": "lab4.runtimes.tensorflow_runtime:TFJS_LOADER",
    },
    "lab4.runtimes",
    Runtime,
)


def python_runtime(name: str) -> PythonRuntime:
    """Return the runtime of this name; raises `UnavailableError` where it is no Python package."""
    runtime = RUNTIMES[name]
    if not isinstance(runtime, PythonRuntime):
        raise UnavailableError(f"the runtime {name!r} is not a Python package, and so cannot be called from Python")
    return runtime
