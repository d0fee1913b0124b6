"""LiteRT, with its default XNNPACK delegate or without it."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from lab4.domain.catalogue import DeviceCode, RuntimeTraits, SettingTraits, SettingValue
from lab4.domain.errors import ConversionError
from lab4.domain.text import first_line
from lab4.domain.untyped import Untyped
from lab4.frameworks import litert
from lab4.runtimes.runtime import Load, PythonRuntime, Runner
from lab4.tensor_names import input_names


def quantized(values: Untyped, dtype: Untyped, scale: float, zero_point: int) -> Untyped:
    """Real values as integers by a tensor's own scale and zero point: rounded and clipped, then cast."""
    limits = np.iinfo(dtype)
    return np.clip(np.rint(values / scale + zero_point), limits.min, limits.max).astype(dtype)


def dequantized(integers: Untyped, scale: float, zero_point: int) -> Untyped:
    """Integers as float32, by a tensor's own scale and zero point."""
    return (integers.astype(np.float32) - zero_point) * np.float32(scale)


class LiteRTRunner(Runner):
    """An interpreter whose inputs were resized to those of a call."""

    def __init__(self, interpreter: Untyped, spec: Load) -> None:
        self.threads = spec.threads
        by = "its own kernels" if spec.settings.get("xnnpack") == "off" else "its default XNNPACK delegate"
        self.clock = f"input copy, invoke, output copy (LiteRT with {by})"
        self.compute_only_clock = f"invoke (LiteRT with {by})"
        self._interpreter = interpreter
        inputs, self._outputs = _named_details(interpreter)
        names = input_names(spec.call, list(inputs), {name: len(each["shape"]) for name, each in inputs.items()})
        self.input_names = list(names)  # in the order of what `prepare` returns
        self._inputs = {own: inputs[name] for name, own in names.items()}
        for name, details in self._inputs.items():
            if tuple(details["shape"]) != np.shape(spec.call[name]):
                interpreter.resize_tensor_input(details["index"], np.shape(spec.call[name]), strict=True)
        interpreter.allocate_tensors()
        self.run = _bound_call(
            interpreter,
            [details["index"] for details in self._inputs.values()],
            [details["index"] for details in self._outputs.values()],
        )

    def prepare(self, inputs: Mapping[str, Any]) -> Untyped:
        """Quantize real values for integer inputs."""
        return [_as_input(inputs[name], details) for name, details in self._inputs.items()]

    def bind(self, inputs: Untyped) -> Callable[[], Any]:
        """Copy the inputs once: the interpreter keeps its input tensors from one `invoke` to the next."""
        for details, array in zip(self._inputs.values(), inputs, strict=True):
            self._interpreter.set_tensor(details["index"], array)
        invoke: Callable[[], Any] = self._interpreter.invoke
        return invoke

    def finish(self, outputs: Untyped) -> Mapping[str, Any]:
        """Dequantize integer outputs."""
        return {
            name: _as_output(array, details)
            for (name, details), array in zip(self._outputs.items(), outputs, strict=True)
        }


def _named_details(interpreter: Untyped) -> tuple[dict[str, Any], dict[str, Any]]:
    """What the interpreter says of its inputs and outputs, by name: the signature's, where the file has just one."""
    signatures = list(interpreter.get_signature_list())
    if len(signatures) == 1:
        runner = interpreter.get_signature_runner(signatures[0])
        named = runner.get_input_details(), runner.get_output_details()
        if all(named):
            return named
    own = interpreter.get_input_details(), interpreter.get_output_details()
    return {each["name"]: each for each in own[0]}, {each["name"]: each for each in own[1]}


def _as_input(array: Untyped, details: Untyped) -> Untyped:
    dtype, (scale, zero_point) = np.dtype(details["dtype"]), details["quantization"]
    if array.dtype.kind == "f" and dtype.kind in "iu" and scale:
        return quantized(array, dtype, scale, zero_point)
    return array


def _as_output(array: Untyped, details: Untyped) -> Untyped:
    scale, zero_point = details["quantization"]
    return dequantized(array, scale, zero_point) if array.dtype.kind in "iu" and scale else array


def _bound_call(interpreter: Untyped, inputs: Sequence[int], outputs: Sequence[int]) -> Callable[[Any], Any]:
    # Names bound once: attribute look-ups are worth a percent of a 20 us call, and so are loops over one tensor.
    set_tensor, invoke, get_tensor = interpreter.set_tensor, interpreter.invoke, interpreter.get_tensor
    if len(inputs) == len(outputs) == 1:
        (input_index,), (output_index,) = inputs, outputs

        def run_one(values: Untyped) -> Untyped:
            set_tensor(input_index, values[0])
            invoke()
            return (get_tensor(output_index),)

        return run_one

    def run(values: Untyped) -> Untyped:
        for index, array in zip(inputs, values, strict=True):
            set_tensor(index, array)
        invoke()
        return [get_tensor(index) for index in outputs]

    return run


def _load(path: Path, spec: Load) -> Runner:
    library = litert()
    given = {}
    if spec.settings.get("xnnpack") == "off":
        given["experimental_op_resolver_type"] = library.OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES
    try:
        interpreter = library.Interpreter(model_path=str(path), num_threads=spec.threads, **given)
        return LiteRTRunner(interpreter, spec)
    except (RuntimeError, ValueError) as error:
        raise ConversionError(f"{path.name} does not load in LiteRT: {first_line(error)}") from error


LITERT = PythonRuntime(
    RuntimeTraits(
        "litert",
        "LiteRT",
        host="python",
        is_native=True,
        devices=("cpu",),
        settings=(
            SettingTraits(
                "xnnpack",
                "XNNPACK",
                (
                    SettingValue("on"),
                    SettingValue(
                        "off",
                        ", experimental_op_resolver_type=litert.OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES",
                    ),
                ),
            ),
        ),
        code=(
            DeviceCode(
                "cpu",
                (
                    "from ai_edge_litert import interpreter as litert",
                    "interpreter = litert.Interpreter(model_path=path, num_threads={threads}{xnnpack})",
                ),
            ),
        ),
    ),
    process="litert",
    loaders={"tflite": _load},
    thread_setting="litert",
    import_package=litert,
    distributions=("ai-edge-litert",),
)
