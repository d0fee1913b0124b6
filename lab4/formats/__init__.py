"""Deployment formats, one file each: export, load to a `Runner`, list kernels, weigh.

Knows: files and runtimes. Does not know: cells, timing, what is good or bad.
"""

from lab4.domain.registry import Registry
from lab4.formats.format import Format, Load, Place, Runner, Source, Tolerance
from lab4.formats.weigh import sha256_of, weigh

__all__ = ["FORMATS", "Format", "Load", "Place", "Runner", "Source", "Tolerance", "sha256_of", "weigh"]

FORMATS: Registry[Format] = Registry(
    "format",
    {
        "keras": "lab4.formats.keras_h5:KERAS",
        "keras_predict": "lab4.formats.keras_h5:KERAS_PREDICT",
        "tflite_float32": "lab4.formats.tflite:FLOAT32",
        "tflite_float16": "lab4.formats.tflite:FLOAT16",
        "tflite_int8": "lab4.formats.tflite:INT8",
        "onnx": "lab4.formats.onnx:ONNX",
        "saved_model": "lab4.formats.saved_model:SAVED_MODEL",
        "tfjs": "lab4.formats.tfjs:TFJS",
    },
)
