"""TensorFlow Lite at three precisions."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from lab4.domain.catalogue import FULL_PRECISION, FormatTraits
from lab4.domain.inspected import Inspected
from lab4.domain.untyped import Untyped
from lab4.formats import tflite_quantized
from lab4.formats.format import ConversionSource, ExportSource, Format, Tolerance, conversion_errors
from lab4.formats.quantizing import Quantize
from lab4.frameworks import litert_schema, tensorflow

#: Of the SavedModel that is converted.
_SIGNATURE = "serving_default"


def _configure(converter: Untyped, precision: str, calls: Sequence[Mapping[str, Any]]) -> None:
    tf = tensorflow()
    if precision == FULL_PRECISION:
        return
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    if precision == "float16":
        converter.target_spec.supported_types = [tf.float16]
        return
    converter.representative_dataset = partial(_representative, calls)
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.inference_input_type = converter.inference_output_type = tf.int8


def _representative(calls: Sequence[Mapping[str, Any]]) -> Iterator[Any]:
    """The inputs of calls: a list of the only one, or by name for the signature that is converted."""
    for call in calls:
        yield list(call.values()) if len(call) == 1 else (_SIGNATURE, dict(call))


def export(precision: str, source: ExportSource, path: Path) -> None:
    """Convert by way of a SavedModel, which is faster than from Keras directly."""
    with TemporaryDirectory() as folder:
        source.model.export(folder)
        convert(precision, ConversionSource(Path(folder), source.calibration), path)


def convert(precision: str, source: ConversionSource, path: Path) -> None:
    """Convert a SavedModel."""
    converter = tensorflow().lite.TFLiteConverter.from_saved_model(str(source.path))
    _configure(converter, precision, source.calibration)
    with conversion_errors("the TFLite converter"):
        content = converter.convert()
    path.write_bytes(content)


def kernels(path: Path) -> Iterator[Any]:
    """Read the constant tensors from the flatbuffer itself."""
    schema = litert_schema()
    dtypes = {
        schema.TensorType.FLOAT32: np.float32,
        schema.TensorType.FLOAT16: np.float16,
        schema.TensorType.INT8: np.int8,
    }
    model = schema.Model.GetRootAs(path.read_bytes(), 0)
    graph = model.Subgraphs(0)
    for index in range(graph.TensorsLength()):
        tensor = graph.Tensors(index)
        buffer = model.Buffers(tensor.Buffer())
        if tensor.ShapeLength() >= 2 and buffer.DataLength() and tensor.Type() in dtypes:  # noqa: PLR2004
            yield buffer.DataAsNumpy().view(dtypes[tensor.Type()])


def _quantized(quantize: Quantize, source: ConversionSource, path: Path) -> None:
    quantize(source.path, source.calibration, path)


def _has_quantized_values(found: Inspected) -> bool:
    """Whether values between operators are integers: then the file has operators that quantize, or such inputs."""
    inputs = {tensor.dtype for tensor in found.contract.inputs}
    return bool({"QUANTIZE", "DEQUANTIZE"} & {each.type for each in found.operators} or inputs & {"int8", "uint8"})


def _format(
    precision: str, tolerance: Tolerance, arithmetic: str = FULL_PRECISION, quantize: Quantize | None = None
) -> Format:
    converts: dict[str, Callable[[ConversionSource, Path], None]] = {"saved_model": partial(convert, precision)}
    if quantize is not None:
        converts["tflite"] = partial(_quantized, quantize)
    return Format(
        traits=FormatTraits(
            *(f"tflite_{precision}", f"TFLite ({precision.capitalize()})", "tflite", precision, arithmetic),
            runtimes=("litert",),
            targets=("mobile", "server"),
        ),
        filename="model.tflite",
        distributions=("tensorflow", "tf-keras", *(() if quantize is None else ("ai-edge-quantizer",))),
        tolerance=tolerance,
        export=partial(export, precision),
        converts=converts,
        kernels=kernels,
    )


FLOAT32 = _format("float32", Tolerance(1e-3, 0.999))
FLOAT16 = _format("float16", Tolerance(0.05, 0.99, 1e-3, 0.99), quantize=tflite_quantized.float16)
# One probability may move far where two classes are close; how many predictions change is what counts. Outputs have
# steps of 1/256: where each of two classes is off by one, they have moved by two.
INT8 = _format("int8", Tolerance(1.0, 0.95, 2 / 256, 0.9), arithmetic="int8", quantize=tflite_quantized.static_int8)
DYNAMIC_INT8 = replace(
    INT8,
    traits=replace(INT8.traits, name="tflite_dynamic_int8", label="TFLite (Dynamic Int8)"),
    export=None,
    converts={"tflite": partial(_quantized, tflite_quantized.dynamic_int8)},
    is_of=lambda found: not _has_quantized_values(found),
)
