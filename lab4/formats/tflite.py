"""TensorFlow Lite: float32, float16, and int8 weights with what they are multiplied by in int8, int16 or float32."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
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


def _configure(converter: Untyped, kind: str, calls: Sequence[Mapping[str, Any]]) -> None:
    tf = tensorflow()
    if kind == FULL_PRECISION:
        return
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    if kind == "float16":
        converter.target_spec.supported_types = [tf.float16]
        return
    converter.representative_dataset = partial(_representative, calls)
    kinds, ends = tf.lite.OpsSet, {"int8": tf.int8, "int16x8": tf.int16}
    converter.target_spec.supported_ops = [
        {
            "int8": kinds.TFLITE_BUILTINS_INT8,
            "int16x8": kinds.EXPERIMENTAL_TFLITE_BUILTINS_ACTIVATIONS_INT16_WEIGHTS_INT8,
        }[kind]
    ]
    converter.inference_input_type = converter.inference_output_type = ends[kind]


def _representative(calls: Sequence[Mapping[str, Any]]) -> Iterator[Any]:
    """The inputs of calls: a list of the only one, or by name for the signature that is converted."""
    for call in calls:
        yield list(call.values()) if len(call) == 1 else (_SIGNATURE, dict(call))


def export(kind: str, source: ExportSource, path: Path) -> None:
    """Convert by way of a SavedModel, which is faster than from Keras directly."""
    with TemporaryDirectory() as folder:
        source.model.export(folder)
        convert(kind, ConversionSource(Path(folder), source.calibration), path)


def convert(kind: str, source: ConversionSource, path: Path) -> None:
    """Convert a SavedModel; ``kind`` is ``float32``, ``float16``, ``int8`` or ``int16x8`` (weights are int8)."""
    converter = tensorflow().lite.TFLiteConverter.from_saved_model(str(source.path))
    _configure(converter, kind, source.calibration)
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


@dataclass(frozen=True, slots=True)
class _Values:
    """What a file says of the values between its operators.

    ``are_integers``: some are, so that the file has operators that quantize, or takes integers. ``are_wide``: these are
    int16, whose biases are int64. ``weights_are_expanded``: integers are only made float32, and nothing is quantized.
    """

    are_integers: bool
    are_wide: bool
    weights_are_expanded: bool

    @classmethod
    def of(cls, found: Inspected) -> "_Values":
        inputs = {tensor.dtype for tensor in found.contract.inputs}
        types = {each.type for each in found.operators}
        are_integers = "QUANTIZE" in types or not inputs.isdisjoint({"int8", "uint8", "int16"})
        are_wide = "int16" in inputs or any(each.dtype == "int64" for each in found.weights)
        return cls(are_integers, are_integers and are_wide, not are_integers and "DEQUANTIZE" in types)


def _format(
    kind: str,
    tolerance: Tolerance,
    quantize: Quantize | None = None,
    precision: str = "",
    arithmetic: str = FULL_PRECISION,
) -> Format:
    converts: dict[str, Callable[[ConversionSource, Path], None]] = {"saved_model": partial(convert, kind)}
    if quantize is not None:
        converts["tflite"] = partial(_quantized, quantize)
    return Format(
        traits=FormatTraits(
            *(f"tflite_{kind}", f"TFLite ({kind.capitalize()})", "tflite", precision or kind, arithmetic),
            runtimes=("litert",),
            targets=("mobile", "server"),
        ),
        filename="model.tflite",
        distributions=("tensorflow", "tf-keras", *(() if quantize is None else ("ai-edge-quantizer",))),
        tolerance=tolerance,
        export=partial(export, kind),
        converts=converts,
        kernels=kernels,
    )


def _from_float32(name: str, label: str, quantize: Quantize, arithmetic: str) -> Format:
    """A format of int8 weights that is made from a file at full precision, whatever that was made from."""
    return replace(
        INT8,
        traits=replace(INT8.traits, name=name, label=label, arithmetic=arithmetic),
        export=None,
        converts={"tflite": partial(_quantized, quantize)},
    )


FLOAT32 = _format("float32", Tolerance(1e-3, 0.999))
FLOAT16 = _format("float16", Tolerance(0.05, 0.99, 1e-3, 0.99), tflite_quantized.float16)
# One probability may move far where two classes are close; how many predictions change is what counts. Outputs have
# steps of 1/256: where each of two classes is off by one, they have moved by two.
_INT8_WEIGHTS = Tolerance(1.0, 0.95, 2 / 256, 0.9)
INT8 = replace(
    _format("int8", _INT8_WEIGHTS, tflite_quantized.static_int8, arithmetic="int8"),
    is_of=lambda found: _Values.of(found).are_integers and not _Values.of(found).are_wide,
)
INT16X8 = replace(
    _format("int16x8", _INT8_WEIGHTS, tflite_quantized.static_int16, precision="int8", arithmetic="int16"),
    is_of=lambda found: _Values.of(found).are_wide,
    is_for_few=True,
)
DYNAMIC_INT8 = replace(
    _from_float32("tflite_dynamic_int8", "TFLite (Dynamic Int8)", tflite_quantized.dynamic_int8, "int8"),
    is_of=lambda found: not (_Values.of(found).are_integers or _Values.of(found).weights_are_expanded),
)
WEIGHT_ONLY_INT8 = replace(
    _from_float32(
        "tflite_weight_only_int8",
        "TFLite (Weight-Only Int8)",
        tflite_quantized.weight_only_int8,
        FULL_PRECISION,
    ),
    is_of=lambda found: _Values.of(found).weights_are_expanded,
    is_for_few=True,
)
