"""ONNX Runtime."""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

from lab4.domain.catalogue import DeviceCode, RuntimeTraits, SettingTraits, SettingValue
from lab4.domain.errors import ConversionError, UnavailableError, memory_in_words
from lab4.domain.text import first_line
from lab4.domain.untyped import Untyped
from lab4.frameworks import onnxruntime
from lab4.runtimes.runtime import Load, PythonRuntime, Runner
from lab4.tensor_names import input_names

#: Levels of graph optimization, the default first, as ``GraphOptimizationLevel`` calls them.
_LEVELS = {
    "all": "ORT_ENABLE_ALL",
    "extended": "ORT_ENABLE_EXTENDED",
    "basic": "ORT_ENABLE_BASIC",
    "off": "ORT_DISABLE_ALL",
}
#: Whether threads without work wait in a loop for the next, instead of asleep.
_SPINNING = "session.intra_op.allow_spinning"
_SETTINGS = (
    SettingTraits(
        "graph",
        "graph optimization",
        tuple(
            SettingValue(name, f"options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.{level}")
            for name, level in _LEVELS.items()
        ),
    ),
    SettingTraits(
        "arena", "memory arena", (SettingValue("on"), SettingValue("off", "options.enable_cpu_mem_arena = False"))
    ),
    SettingTraits(
        "spinning",
        "spinning",
        (SettingValue("on"), SettingValue("off", f'options.add_session_config_entry("{_SPINNING}", "0")')),
    ),
)
#: The name of the host's memory.
HOST = "cpu"
#: Providers whose tensors are in a device's memory, with the name of that memory.
_ON_DEVICE = {"CUDAExecutionProvider": "cuda", "MIGraphXExecutionProvider": "cuda"}


def memory_of(session: Untyped) -> str:
    """The name of the memory that the session's provider computes in."""
    return _ON_DEVICE.get(session.get_providers()[0], HOST)


def _code(device: str, provider: str) -> DeviceCode:
    return DeviceCode(
        device,
        (
            "import onnxruntime",
            "options = onnxruntime.SessionOptions()",
            "options.intra_op_num_threads = {threads}",
            *(f"{{{setting.name}}}" for setting in _SETTINGS),
            f'session = onnxruntime.InferenceSession(path, options, providers=["{provider}"])',
        ),
    )


class OnnxRunner(Runner):
    """A session with its input and output names bound."""

    clock = "input copy, run, output copy"
    compute_only_clock = "run with bound input and output (IoBinding)"

    def __init__(self, session: Untyped, spec: Load) -> None:
        self.threads = spec.threads
        self._session, self._index = session, spec.place.index
        inputs = session.get_inputs()
        ranks = {each.name: len(each.shape or ()) for each in inputs}
        self._names = input_names(spec.call, [each.name for each in inputs], ranks)
        self._outputs = [each.name for each in session.get_outputs()]
        kinds = {each.type for each in (*inputs, *session.get_outputs())}
        self._can_be_bound = all(each.startswith("tensor(") and "string" not in each for each in kinds)
        self.run: Callable[[Any], Any] = partial(session.run, self._outputs)

    def prepare(self, inputs: Mapping[str, Any]) -> Untyped:
        """Call the inputs by the session's names."""
        return {name: inputs[own] for name, own in self._names.items()}

    def bind(self, inputs: Untyped) -> Callable[[], Any] | None:
        """Put the inputs on the session's device and leave the outputs there; texts, lists and maps cannot be."""
        if not self._can_be_bound:
            return None
        session = self._session
        device, index = memory_of(session), self._index
        binding = session.io_binding()
        for name, array in inputs.items():
            binding.bind_ortvalue_input(name, onnxruntime().OrtValue.ortvalue_from_numpy(array, device, index))
        for name in self._outputs:
            binding.bind_output(name, device, index)
        if device == HOST:
            return partial(session.run_with_iobinding, binding)

        def run_and_wait() -> Untyped:
            session.run_with_iobinding(binding)
            binding.synchronize_outputs()
            return binding

        return run_and_wait

    def settle(self, result: Untyped) -> None:
        """Outputs on the host are there; those that a binding left on the device are waited for."""
        if isinstance(result, onnxruntime().IOBinding):
            result.synchronize_outputs()

    def finish(self, outputs: Untyped) -> Mapping[str, Any]:
        """Give the outputs their names; of maps, such as the scores of scikit-learn's classifiers, the values."""
        return {name: _values(each) for name, each in zip(self._outputs, outputs, strict=True)}


def _values(output: Untyped) -> Untyped:
    """An array as it is; a list of maps, one an example, as an array (examples, keys in their order)."""
    if isinstance(output, list) and output and all(isinstance(each, Mapping) for each in output):
        return np.array([list(each.values()) for each in output])
    return output


def _choose(options: Untyped, settings: Mapping[str, str]) -> None:
    """Set what differs from the defaults; a runtime of another package may use this loader, and declare none."""
    if (level := settings.get("graph", "all")) != "all":
        options.graph_optimization_level = getattr(onnxruntime().GraphOptimizationLevel, _LEVELS[level])
    if settings.get("arena") == "off":
        options.enable_cpu_mem_arena = False
    if settings.get("spinning") == "off":
        options.add_session_config_entry(_SPINNING, "0")


def open_session(path: Path, spec: Load, more: Mapping[str, str] = MappingProxyType({})) -> Untyped:
    """Make a session on the device of ``spec``; ``more`` are further options of the device's provider.

    Raises:
        UnavailableError: where the provider is not here, or does not start.
        ConversionError: where the file does not load in it.
    """
    runtime, provider = onnxruntime(), spec.place.onnx_provider
    if provider not in runtime.get_available_providers():
        raise UnavailableError(
            f"the installed onnxruntime has no {provider}; install a build that has it in its place (for "
            "NVIDIA onnxruntime-gpu)"
        )
    options = runtime.SessionOptions()
    options.intra_op_num_threads = spec.threads or 0  # 0: one per core
    options.inter_op_num_threads = 1
    chosen = {**({"device_id": str(spec.place.index)} if provider in _ON_DEVICE else {}), **more}
    _choose(options, spec.settings)
    try:
        session = runtime.InferenceSession(str(path), options, providers=[(provider, chosen)])
    except Exception as error:  # its exceptions are private types of a native module
        if words := memory_in_words(error):
            raise UnavailableError(words) from error
        raise ConversionError(f"{path.name} does not load in ONNX Runtime: {first_line(error)}") from error
    if session.get_providers()[0] != provider:
        built_for = f"CUDA {cuda}" if (cuda := getattr(runtime, "cuda_version", "")) else "CUDA"
        raise UnavailableError(
            f"ONNX Runtime could not start {provider} and fell back to the CPU; put the {built_for} and cuDNN that it "
            "was built for on the library path"
        )
    return session


def _load(path: Path, spec: Load) -> Runner:
    return OnnxRunner(open_session(path, spec), spec)


ONNX_RUNTIME = PythonRuntime(
    RuntimeTraits(
        "onnxruntime",
        "ONNX Runtime",
        host="python",
        is_native=True,
        devices=("cpu", "gpu"),
        settings=_SETTINGS,
        code=(_code("cpu", "CPUExecutionProvider"), _code("gpu", "CUDAExecutionProvider")),
    ),
    process="onnxruntime",
    loaders={"onnx": _load},
    thread_setting="onnxruntime intra-op",
    import_package=onnxruntime,
    distributions=("onnxruntime", "onnxruntime-gpu"),
)
