"""ONNX, written by tf2onnx."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lab4.domain.catalogue import FormatTraits
from lab4.formats.format import ExportSource, Format, Tolerance, conversion_errors
from lab4.frameworks import onnx, tensorflow, tf2onnx

_OPSET = 15  # tf2onnx's own default, and old enough for every runtime in the field


def export(source: ExportSource, path: Path) -> None:
    """Convert with a free batch dimension."""
    tf = tensorflow()
    signature = [tf.TensorSpec((None, *source.model.input_shape[1:]), tf.float32, name="images")]
    with conversion_errors("tf2onnx"):
        tf2onnx().convert.from_keras(source.model, input_signature=signature, opset=_OPSET, output_path=str(path))


def kernels(path: Path) -> Iterator[Any]:
    """Read the initializers from the file itself."""
    library = onnx()
    for initializer in library.load(str(path)).graph.initializer:
        if len(initializer.dims) >= 2:  # noqa: PLR2004
            yield library.numpy_helper.to_array(initializer)


ONNX = Format(
    traits=FormatTraits("onnx", "ONNX", "onnx", "float32", "float32", runtimes=("onnxruntime",), targets=("server",)),
    filename="model.onnx",
    distributions=("tensorflow", "tf-keras", "tf2onnx", "onnx"),
    tolerance=Tolerance(1e-3, 0.999),
    export=export,
    kernels=kernels,
)
