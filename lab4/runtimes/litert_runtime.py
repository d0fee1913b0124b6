"""LiteRT, with its default XNNPACK delegate."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from lab4.domain.catalogue import RuntimeTraits
from lab4.domain.errors import ConversionError
from lab4.domain.text import first_line
from lab4.domain.untyped import Untyped
from lab4.frameworks import litert
from lab4.runtimes.runtime import Load, PythonRuntime, Runner


def quantized(images: Untyped, scale: float, zero_point: int) -> Untyped:
    """Images as int8 by the input tensor's own scale and zero point: rounded and clipped, then cast."""
    return np.clip(np.rint(images / scale + zero_point), -128, 127).astype(np.int8)


def dequantized(outputs: Untyped, scale: float, zero_point: int) -> Untyped:
    """int8 outputs as float32, by the output tensor's own scale and zero point."""
    return (outputs.astype(np.float32) - zero_point) * np.float32(scale)


class LiteRTRunner(Runner):
    """An interpreter whose input was resized to one batch size."""

    clock = "input copy, invoke, output copy (LiteRT with its default XNNPACK delegate)"
    compute_only_clock = "invoke (LiteRT with its default XNNPACK delegate)"

    def __init__(self, interpreter: Untyped, shape: tuple[int, ...], threads: int | None) -> None:
        self.threads = threads
        self._interpreter = interpreter
        (self._input,) = interpreter.get_input_details()
        (self._output,) = interpreter.get_output_details()
        interpreter.resize_tensor_input(self._input["index"], shape, strict=True)
        interpreter.allocate_tensors()
        self.run = _bound_call(interpreter, self._input["index"], self._output["index"])

    def prepare(self, images: Untyped) -> Untyped:
        """Quantize for an int8 input."""
        return quantized(images, *self._input["quantization"]) if self._input["dtype"] is np.int8 else images

    def bind(self, inputs: Untyped) -> Callable[[], Any]:
        """Copy the input once: the interpreter keeps its input tensor from one `invoke` to the next."""
        self._interpreter.set_tensor(self._input["index"], inputs)
        invoke: Callable[[], Any] = self._interpreter.invoke
        return invoke

    def finish(self, outputs: Untyped) -> Untyped:
        """Dequantize an int8 output."""
        return dequantized(outputs, *self._output["quantization"]) if self._output["dtype"] is np.int8 else outputs


def _bound_call(interpreter: Untyped, input_index: int, output_index: int) -> Callable[[Any], Any]:
    # Names bound once: attribute look-ups are worth a percent of a 20 us call.
    set_tensor, invoke, get_tensor = interpreter.set_tensor, interpreter.invoke, interpreter.get_tensor

    def run(inputs: Untyped) -> Untyped:
        set_tensor(input_index, inputs)
        invoke()
        return get_tensor(output_index)

    return run


def _load(path: Path, spec: Load) -> Runner:
    try:
        interpreter = litert().Interpreter(model_path=str(path), num_threads=spec.threads)
        return LiteRTRunner(interpreter, (spec.batch_size, *spec.image_shape), spec.threads)
    except (RuntimeError, ValueError) as error:
        raise ConversionError(f"{path.name} does not load in LiteRT: {first_line(error)}") from error


LITERT = PythonRuntime(
    RuntimeTraits("litert", "LiteRT", host="python", is_native=True, devices=("cpu",)),
    process="litert",
    loaders={"tflite": _load},
    thread_setting="litert",
    import_package=litert,
    distributions=("ai-edge-litert",),
)
