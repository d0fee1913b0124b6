"""TensorFlow Lite at three precisions."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from lab4.domain.catalogue import FULL_PRECISION, FormatTraits
from lab4.domain.untyped import Untyped
from lab4.formats.format import ExportSource, Format, Tolerance, conversion_errors
from lab4.frameworks import litert_schema, tensorflow


def _configure(converter: Untyped, precision: str, images: Untyped) -> None:
    tf = tensorflow()
    if precision == FULL_PRECISION:
        return
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    if precision == "float16":
        converter.target_spec.supported_types = [tf.float16]
        return
    converter.representative_dataset = lambda: ([images[i : i + 1]] for i in range(len(images)))
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.inference_input_type = converter.inference_output_type = tf.int8


def export(precision: str, source: ExportSource, path: Path) -> None:
    """Convert by way of a SavedModel, which is faster than from Keras directly."""
    with TemporaryDirectory() as folder:
        source.model.export(folder)
        converter = tensorflow().lite.TFLiteConverter.from_saved_model(folder)
        _configure(converter, precision, source.quantization_calibration)
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


def _format(precision: str, tolerance: Tolerance, arithmetic: str = FULL_PRECISION) -> Format:
    return Format(
        traits=FormatTraits(
            *(f"tflite_{precision}", f"TFLite ({precision.capitalize()})", "tflite", precision, arithmetic),
            runtimes=("litert",),
            targets=("mobile", "server"),
        ),
        filename="model.tflite",
        distributions=("tensorflow", "tf-keras"),
        tolerance=tolerance,
        export=partial(export, precision),
        kernels=kernels,
    )


FLOAT32 = _format("float32", Tolerance(1e-3, 0.999))
FLOAT16 = _format("float16", Tolerance(0.05, 0.99, 1e-3))
# One probability may move far where two classes are close; how many predictions change is what counts. Outputs have
# steps of 1/256: where each of two classes is off by one, they have moved by two.
INT8 = _format("int8", Tolerance(1.0, 0.95, 2 / 256), arithmetic="int8")
