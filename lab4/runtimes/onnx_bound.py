"""ONNX Runtime with inputs and outputs bound to memory that stays; on an NVIDIA GPU a call replays a CUDA graph.

The graph is recorded at the first call for the addresses of what is bound, and a call is one launch. It needs a model
whose operators all run on the GPU, without control flow: ONNX Runtime refuses others as it makes the session.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from lab4.domain.catalogue import RuntimeTraits
from lab4.domain.untyped import Untyped
from lab4.frameworks import onnxruntime
from lab4.runtimes.onnx_runtime import HOST, ONNX_RUNTIME, OnnxRunner, memory_of, open_session
from lab4.runtimes.runtime import Load, PythonRuntime, Runner

_RECORDED = {"enable_cuda_graph": "1"}
#: Where graphs are recorded: with this number a call is run by itself.
_NOT_RECORDED = ("gpu_graph_id", "-1")


class BoundRunner(OnnxRunner):
    """A session whose inputs and outputs have their places, for calls of one shape."""

    clock = "input copied to its place, run or graph replayed, output copied from its place"
    compute_only_clock = "run with bound input and output (IoBinding), or graph replayed"

    def __init__(self, session: Untyped, spec: Load) -> None:
        super().__init__(session, spec)
        self._memory = memory_of(session)
        # Copies: in the host's memory a value is the array that it is made from.
        call = {name: np.array(spec.call[own]) for name, own in self._names.items()}
        place = self._memory, self._index
        self._bound = {name: onnxruntime().OrtValue.ortvalue_from_numpy(each, *place) for name, each in call.items()}
        self._binding = session.io_binding()
        for name, value in self._bound.items():
            self._binding.bind_ortvalue_input(name, value)
        self._results = self._allocated()
        for name, value in zip(self._outputs, self._results, strict=True):
            self._binding.bind_ortvalue_output(name, value)
        self.run = self._run

    def _allocated(self) -> list[Untyped]:
        """Values for the outputs, which a call allocates: their shapes are not in every file."""
        for name in self._outputs:
            self._binding.bind_output(name, self._memory, self._index)
        options = onnxruntime().RunOptions()
        options.add_run_config_entry(*_NOT_RECORDED)
        self._session.run_with_iobinding(self._binding, options)
        self._binding.synchronize_outputs()
        return list(self._binding.get_outputs())

    def _run(self, inputs: Mapping[str, Any]) -> list[Any]:
        for name, value in self._bound.items():
            value.update_inplace(inputs[name])
        self._session.run_with_iobinding(self._binding)
        results = [value.numpy() for value in self._results]  # from a device's memory a copy, which waits for it
        return [np.array(each) for each in results] if self._memory == HOST else results

    def bind(self, inputs: Mapping[str, Any]) -> Callable[[], Any]:
        """Put the inputs in their places; the outputs stay in theirs."""
        for name, value in self._bound.items():
            value.update_inplace(inputs[name])
        run, binding = self._session.run_with_iobinding, self._binding

        def call() -> Untyped:
            run(binding)
            binding.synchronize_outputs()
            return binding

        return call


def _load(path: Path, spec: Load) -> Runner:
    more = _RECORDED if spec.place.onnx_provider == "CUDAExecutionProvider" else {}
    return BoundRunner(open_session(path, spec, more), spec)


ONNX_BOUND = PythonRuntime(
    RuntimeTraits(
        "onnxruntime_bound",
        "ONNX Runtime, bound",
        host="python",
        is_native=True,
        devices=("cpu", "gpu"),
        launches_once=True,
    ),
    process=ONNX_RUNTIME.process,
    loaders={"onnx": _load},
    thread_setting=ONNX_RUNTIME.thread_setting,
    import_package=onnxruntime,
    distributions=ONNX_RUNTIME.distributions,
)
