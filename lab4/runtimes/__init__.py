"""Runtimes, one file each: an artifact to a `Runner`, which runs it synchronously on a device."""

from lab4.domain.registry import Registry
from lab4.runtimes.runner import Load, Place, Runner
from lab4.runtimes.runtime import Runtime

__all__ = ["RUNTIMES", "Load", "Place", "Runner", "Runtime"]

RUNTIMES: Registry[Runtime] = Registry(
    "runtime",
    {
        "tensorflow": "lab4.runtimes.tensorflow_runtime:TENSORFLOW",
        "predict": "lab4.runtimes.keras_predict:PREDICT",
        "litert": "lab4.runtimes.litert_runtime:LITERT",
        "onnxruntime": "lab4.runtimes.onnx_runtime:ONNX_RUNTIME",
        "tfjs_loader": "lab4.runtimes.tfjs_loader:TFJS_LOADER",
    },
    "lab4.runtimes",
    Runtime,
)
