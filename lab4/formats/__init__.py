"""Deployment formats, one file each: export, list kernels, measure the size."""

from lab4.domain.registry import Registry
from lab4.formats.format import ConversionSource, ExportSource, Format, Tolerance, sha256_of, size_of

__all__ = ["FORMATS", "ConversionSource", "ExportSource", "Format", "Tolerance", "sha256_of", "size_of"]

FORMATS: Registry[Format] = Registry(
    "format",
    {
        "keras": "lab4.formats.keras_h5:KERAS",
        "tflite_float32": "lab4.formats.tflite:FLOAT32",
        "tflite_float16": "lab4.formats.tflite:FLOAT16",
        "tflite_int8": "lab4.formats.tflite:INT8",
        "onnx": "lab4.formats.onnx:ONNX",
        "saved_model": "lab4.formats.saved_model:SAVED_MODEL",
        "tfjs": "lab4.formats.tfjs:TFJS",
    },
    "lab4.formats",
    Format,
)
