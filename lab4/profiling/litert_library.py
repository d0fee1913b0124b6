"""LiteRT's C interface, as far as its profiler needs it: the Python classes of its package do not reach the profiler.

``litert/c/*.h`` of https://github.com/google-ai-edge/LiteRT; the functions are in the package's ``libLiteRt.so``.
"""

import ctypes
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

from lab4.domain.errors import UnavailableError
from lab4.domain.untyped import Untyped
from lab4.frameworks import litert
from lab4.profiling.calls import timed

_NAMES = ("libLiteRt.so", "libLiteRt.dylib", "LiteRt.dll", "libLiteRt.dll")
_CPU, _WRITE = 1, 2
#: Releases whose C interface this is, from the first on and below the last: it changes from one to another.
_FIRST, _LAST = (2, 1, 6), (2, 4)
_MOST_DIMENSIONS = 8


class _Layout(ctypes.Structure):
    _fields_ = (
        ("rank", ctypes.c_uint32),  # 7 bits, and 1 that says whether there are strides
        ("sizes", ctypes.c_int32 * _MOST_DIMENSIONS),
        ("strides", ctypes.c_uint32 * _MOST_DIMENSIONS),
    )


class _TensorType(ctypes.Structure):
    _fields_ = (("element", ctypes.c_int), ("layout", _Layout))


class Event(ctypes.Structure):
    """``ProfiledEventData``; times in microseconds."""

    _fields_ = (
        ("tag", ctypes.c_char_p),
        ("kind", ctypes.c_int),
        ("start", ctypes.c_uint64),
        ("elapsed", ctypes.c_uint64),
        ("memory", ctypes.c_uint64 * 6),
        ("node", ctypes.c_uint64),
        ("graph", ctypes.c_uint64),
        ("source", ctypes.c_int),
    )


@dataclass
class ProfiledModel:
    """A model compiled with LiteRT's profiler, on one thread of the CPU, with its inputs filled in.

    Raises `UnavailableError` where this LiteRT cannot profile it, which its own log says more of.
    """

    path: Path
    call: Mapping[str, Any]
    _library: Untyped = None
    _kept: list[Any] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Compile the model for inputs of the call's shapes, and fill them in, in the order of its first signature."""
        self._library = _opened()
        self._environment = self._made("LiteRtCreateEnvironment", 0, None)
        self._file = self._made("LiteRtCreateModelFromFile", self._environment, str(self.path).encode())
        self._model = self._made("LiteRtCreateCompiledModel", self._environment, self._file, self._options())
        self._profiler = self._made("LiteRtCompiledModelGetProfiler", self._model)
        self._signature = self._made("LiteRtGetModelSignature", self._file, ctypes.c_size_t(0))
        names = [*self._input_names()]
        if set(names) != set(self.call):
            raise UnavailableError(
                f"not measured: the inputs of {self.path.name}'s first signature are {', '.join(names)}, and those of "
                f"the call {', '.join(self.call)}"
            )
        arrays = [self.call[name] for name in names]
        self.inputs = self._buffers("Input", [*self._resized([array.shape for array in arrays])])
        self._outputs = self._buffers("Output", [*self._output_types()])
        for buffer, array in zip(self.inputs, arrays, strict=True):
            data = np.ascontiguousarray(array)
            place = self._made("LiteRtLockTensorBuffer", ctypes.c_void_p(buffer), after=(_WRITE,))
            ctypes.memmove(place, data.ctypes.data, data.nbytes)
            self._do("LiteRtUnlockTensorBuffer", ctypes.c_void_p(buffer))

    def run(self) -> None:
        """Call the model."""
        inputs, outputs = self.inputs, self._outputs
        self._do(
            "LiteRtRunCompiledModel",
            self._model,
            ctypes.c_size_t(0),
            *(ctypes.c_size_t(len(inputs)), inputs, ctypes.c_size_t(len(outputs)), outputs),
        )

    def profiled(self) -> tuple[float, list[Any]]:
        """Call the model under the profiler; the seconds of the call, and its events in order."""
        self._do("LiteRtResetProfiler", self._profiler)
        self._do("LiteRtStartProfiler", self._profiler)
        seconds = timed(self.run)
        self._do("LiteRtStopProfiler", self._profiler)
        count = ctypes.c_int()
        self._do("LiteRtGetNumProfilerEvents", self._profiler, ctypes.byref(count))
        events = (Event * max(1, count.value))()
        self._do("LiteRtGetProfilerEvents", self._profiler, count, events)
        return seconds, list(events)[: count.value]

    def _do(self, name: str, *arguments: object) -> None:
        status = getattr(self._library, name)(*arguments)
        if status:
            raise UnavailableError(
                f"not measured: LiteRT's profiler does not run {self.path.name} ({name} returned status {status})"
            )

    def _made(self, name: str, *arguments: object, after: tuple[object, ...] = ()) -> Untyped:
        made = ctypes.c_void_p()
        self._do(name, *arguments, ctypes.byref(made), *after)
        return made

    def _options(self) -> Untyped:
        options = self._made("LiteRtCreateOptions")
        self._do("LiteRtSetOptionsHardwareAccelerators", options, _CPU)
        text = ctypes.create_string_buffer(b"enable_profiling = true\n")
        keep = ctypes.CFUNCTYPE(None, ctypes.c_void_p)(lambda _: None)  # the text is ours, and stays
        self._kept += [text, keep]
        payload = ctypes.cast(text, ctypes.c_void_p)
        opaque = self._made("LiteRtCreateOpaqueOptions", b"runtime_options_string", payload, keep)
        self._do("LiteRtAddOpaqueOptions", options, opaque)
        return options

    def _types(self, side: str) -> Iterator[_TensorType]:
        count = ctypes.c_size_t()
        self._do(f"LiteRtGetNumSignature{side}s", self._signature, ctypes.byref(count))
        for index in range(count.value):
            tensor = self._made(f"LiteRtGetSignature{side}TensorByIndex", self._signature, ctypes.c_size_t(index))
            found = _TensorType()
            self._do("LiteRtGetRankedTensorType", tensor, ctypes.byref(found))
            yield found

    def _input_names(self) -> Iterator[str]:
        """The names of inputs in the signature, which are the graph's where the file has none."""
        count = ctypes.c_size_t()
        self._do("LiteRtGetNumSignatureInputs", self._signature, ctypes.byref(count))
        for index in range(count.value):
            name = ctypes.c_char_p()
            self._do("LiteRtGetSignatureInputName", self._signature, ctypes.c_size_t(index), ctypes.byref(name))
            yield (name.value or b"").decode(errors="replace")

    def _resized(self, shapes: list[tuple[int, ...]]) -> Iterator[_TensorType]:
        for index, (found, shape) in enumerate(zip(self._types("Input"), shapes, strict=True)):
            if tuple(found.layout.sizes[: len(shape)]) != shape:
                sizes = (ctypes.c_int * len(shape))(*shape)
                indices = ctypes.c_size_t(0), ctypes.c_size_t(index)
                self._do(
                    "LiteRtCompiledModelResizeInputTensor", self._model, *indices, sizes, ctypes.c_size_t(len(shape))
                )
                found.layout.sizes[: len(shape)] = shape
            yield found

    def _output_types(self) -> Iterator[_TensorType]:
        types = [*self._types("Output")]
        layouts = (_Layout * len(types))()
        count = ctypes.c_size_t(len(types))
        self._do("LiteRtGetCompiledModelOutputTensorLayouts", self._model, ctypes.c_size_t(0), count, layouts, True)
        for found, layout in zip(types, layouts, strict=True):
            found.layout = layout
            yield found

    def _buffers(self, side: str, types: list[_TensorType]) -> Untyped:
        buffers = (ctypes.c_void_p * len(types))()
        for index, found in enumerate(types):
            name = f"LiteRtGetCompiledModel{side}BufferRequirements"
            needs = self._made(name, self._model, ctypes.c_size_t(0), ctypes.c_size_t(index))
            create = "LiteRtCreateManagedTensorBufferFromRequirements"
            buffers[index] = self._made(create, self._environment, ctypes.byref(found), needs)
        return buffers


def require_known(version: str) -> None:
    """Refuse a release of ai-edge-litert whose C interface may be another: calling it would end the process.

    Raises:
        UnavailableError: with the releases that are known.
    """
    numbers = tuple(int(each) for each in re.findall(r"\d+", version)[:3])
    if not _FIRST <= numbers < _LAST:
        raise UnavailableError(
            f"not measured: ai-edge-litert {version} is installed, and LiteRT's profiler is known in 2.1.6 to 2.3; "
            "install one of these"
        )


def _opened() -> Untyped:
    require_known(metadata.version("ai-edge-litert"))
    folder = Path(str(litert().__file__)).parent
    for name in _NAMES:
        with suppress(OSError):
            library = ctypes.CDLL(str(folder / name))
            if hasattr(library, "LiteRtCompiledModelGetProfiler"):
                return library
    raise UnavailableError("not measured: this system's build of ai-edge-litert has no profiler")
