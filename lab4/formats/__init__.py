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
        "tflite_dynamic_int8": "lab4.formats.tflite:DYNAMIC_INT8",
        "tflite_int16x8": "lab4.formats.tflite:INT16X8",
        "tflite_weight_only_int8": "lab4.formats.tflite:WEIGHT_ONLY_INT8",
        "onnx": "lab4.formats.onnx:ONNX",
        "onnx_float16": "lab4.formats.onnx:FLOAT16",
        "onnx_static_int8": "lab4.formats.onnx:STATIC_INT8",
        "onnx_dynamic_int8": "lab4.formats.onnx:DYNAMIC_INT8",
        "saved_model": "lab4.formats.saved_model:SAVED_MODEL",
        "tfjs": "lab4.formats.tfjs:TFJS",
        "tfjs_float16": "lab4.formats.tfjs:FLOAT16",
        "tfjs_uint16": "lab4.formats.tfjs:UINT16",
        "tfjs_uint8": "lab4.formats.tfjs:UINT8",
    },
    "lab4.formats",
    Format,
    # The worksheet's; the others are for models of a user's, and for those who ask.
    usual=("keras", "tflite_float32", "tflite_float16", "tflite_int8", "onnx", "saved_model", "tfjs"),
)
