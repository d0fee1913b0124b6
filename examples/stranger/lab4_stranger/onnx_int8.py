"""ONNX with int8 weights and activations: ONNX Runtime's static quantization, in the QDQ form.

Weights have a scale for each output channel and are symmetric, so that their zero points are 0.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from lab4.domain.catalogue import FormatTraits
from lab4.domain.errors import ConversionError
from lab4.domain.text import first_line
from lab4.formats import ExportSource, Format, Tolerance, onnx

__all__ = ["ONNX_INT8"]


def export(source: ExportSource, path: Path) -> None:
    """Convert to ONNX, then quantize with the ranges that the calibration images give."""
    from onnxruntime import quantization

    class Calls(quantization.CalibrationDataReader):
        def __init__(self, calls: Sequence[Mapping[str, Any]]) -> None:
            self._feeds = ({"images": image} for call in calls for image in call.values())

        def get_next(self) -> dict[str, Any] | None:
            return next(self._feeds, None)

    with TemporaryDirectory() as folder:
        full, prepared = Path(folder) / "full.onnx", Path(folder) / "prepared.onnx"
        onnx.export(source, full)
        try:
            quantization.shape_inference.quant_pre_process(full, prepared, skip_symbolic_shape=True)
            quantization.quantize_static(prepared, path, Calls(source.calibration), per_channel=True)
        except Exception as error:  # the quantizer raises whatever its passes raise
            raise ConversionError(f"ONNX Runtime's quantizer refused the model: {first_line(error)}") from error


ONNX_INT8 = Format(
    traits=FormatTraits(
        name="onnx_int8",
        label="ONNX (Int8)",
        container="onnx",
        precision="int8",
        arithmetic="int8",
        runtimes=("onnxruntime",),
        targets=("server",),
    ),
    filename="model.onnx",
    distributions=("tensorflow", "tf-keras", "tf2onnx", "onnx", "onnxruntime"),
    # Outputs have steps of 1/256: where each of two classes is off by one, they have moved by two.
    tolerance=Tolerance(1.0, 0.95, 2 / 256),
    export=export,
    kernels=onnx.kernels,
)
