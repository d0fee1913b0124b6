"""TensorFlow Lite at three precisions, run in LiteRT."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from lab4.domain.errors import ConversionError
from lab4.formats.format import Format, Load, Runner, Source, Tolerance, first_line
from lab4.frameworks import litert, litert_schema, tensorflow

__all__ = ["FLOAT16", "FLOAT32", "INT8", "dequantized", "quantized"]


def quantized(images: Any, scale: float, zero_point: int) -> Any:  # noqa: ANN401
    """Images as int8 by the input tensor's own scale and zero point: rounded and clipped, then cast."""
    return np.clip(np.rint(images / scale + zero_point), -128, 127).astype(np.int8)


def dequantized(outputs: Any, scale: float, zero_point: int) -> Any:  # noqa: ANN401
    """int8 outputs as float32, by the output tensor's own scale and zero point."""
    return (outputs.astype(np.float32) - zero_point) * np.float32(scale)


class LiteRTRunner:
    """An interpreter whose input was resized to one batch size."""

    clock: str = "input copy, invoke, output copy (LiteRT with its default XNNPACK delegate)"
    alone_clock: str = "invoke (LiteRT with its default XNNPACK delegate)"

    def __init__(self, interpreter: Any, shape: tuple[int, ...], threads: int | None) -> None:  # noqa: ANN401
        self.threads = threads
        self._interpreter = interpreter
        (self._input,) = interpreter.get_input_details()
        (self._output,) = interpreter.get_output_details()
        interpreter.resize_tensor_input(self._input["index"], shape, strict=True)
        interpreter.allocate_tensors()
        self.run = _bound_call(interpreter, self._input["index"], self._output["index"])

    def scope(self) -> AbstractContextManager[object]:
        """Nothing to enter."""
        return nullcontext()

    def prepare(self, images: Any) -> Any:  # noqa: ANN401
        """Quantize for an int8 input."""
        return quantized(images, *self._input["quantization"]) if self._input["dtype"] is np.int8 else images

    def bind(self, inputs: Any) -> Callable[[], Any]:  # noqa: ANN401
        """Copy the input once: the interpreter keeps its input tensor from one `invoke` to the next."""
        self._interpreter.set_tensor(self._input["index"], inputs)
        invoke: Callable[[], Any] = self._interpreter.invoke
        return invoke

    def settle(self, result: Any) -> None:  # noqa: ANN401
        """`invoke` returns when it is done."""

    def finish(self, outputs: Any) -> Any:  # noqa: ANN401
        """Dequantize an int8 output."""
        return dequantized(outputs, *self._output["quantization"]) if self._output["dtype"] is np.int8 else outputs


def _bound_call(interpreter: Any, input_index: int, output_index: int) -> Callable[[Any], Any]:  # noqa: ANN401
    # Names bound once: attribute look-ups are worth a percent of a 20 us call.
    set_tensor, invoke, get_tensor = interpreter.set_tensor, interpreter.invoke, interpreter.get_tensor

    def run(inputs: Any) -> Any:  # noqa: ANN401
        set_tensor(input_index, inputs)
        invoke()
        return get_tensor(output_index)

    return run


def _configure(converter: Any, precision: str, images: Any) -> None:  # noqa: ANN401
    tf = tensorflow()
    if precision == "float32":
        return
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    if precision == "float16":
        converter.target_spec.supported_types = [tf.float16]
        return
    converter.representative_dataset = lambda: ([images[i : i + 1]] for i in range(len(images)))
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.inference_input_type = converter.inference_output_type = tf.int8


def export(precision: str, source: Source, path: Path) -> None:
    """Convert by way of a SavedModel, which is faster than from Keras directly."""
    with TemporaryDirectory() as folder:
        source.model.export(folder)
        converter = tensorflow().lite.TFLiteConverter.from_saved_model(folder)
        _configure(converter, precision, source.quantization_calibration)
        try:
            content = converter.convert()
        except Exception as error:  # the converter raises its own, private types
            raise ConversionError(f"the TFLite converter refused the model: {first_line(error)}") from error
    path.write_bytes(content)


def load(path: Path, spec: Load) -> Runner:
    """Load into an interpreter of its own."""
    try:
        interpreter = litert().Interpreter(model_path=str(path), num_threads=spec.threads)
        return LiteRTRunner(interpreter, (spec.batch_size, *spec.image_shape), spec.threads)
    except (RuntimeError, ValueError) as error:
        raise ConversionError(f"{path.name} does not load in LiteRT: {first_line(error)}") from error


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


def _format(precision: str, parts: frozenset[str], tolerance: Tolerance) -> Format:
    return Format(
        name=f"tflite_{precision}",
        label=f"TFLite ({precision.capitalize()})",
        artifact=f"tflite_{precision}",
        filename="model.tflite",
        runtime="litert",
        distributions=("tensorflow", "tf-keras"),
        devices=frozenset({"cpu"}),
        parts=parts,
        tolerance=tolerance,
        export=partial(export, precision),
        load=load,
        kernels=kernels,
        arithmetic="int8" if precision == "int8" else "float32",
    )


FLOAT32 = _format("float32", frozenset({"inference", "quantization", "deployment"}), Tolerance(1e-3, 0.999))
FLOAT16 = _format("float16", frozenset({"inference", "quantization", "pruning"}), Tolerance(0.05, 0.99, 1e-3))
# One probability may move far where two classes are close; how many predictions change is what counts. Outputs have
# steps of 1/256: where each of two classes is off by one, they have moved by two.
INT8 = _format("int8", frozenset({"inference", "quantization", "pruning"}), Tolerance(1.0, 0.95, 2 / 256))
