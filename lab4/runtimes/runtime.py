"""What a runtime's file provides: the runtime, and a loaded artifact as a runner."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol, cast

from lab4.domain.catalogue import RuntimeTraits
from lab4.domain.cell import ChangedSettings
from lab4.domain.errors import ConversionError
from lab4.domain.untyped import Untyped
from lab4.runtimes.host import HostContext, RuntimeHost

#: The process that opens TensorFlow: it builds models too.
TENSORFLOW_PROCESS = "tensorflow"


class WorkPlacement(Protocol):
    """Where a runtime shall work, as `lab4.devices` defines it."""

    @property
    def onnx_provider(self) -> str:
        """ONNX Runtime's execution provider for this device."""

    @property
    def index(self) -> int:
        """Which device of its kind it is, counted from 0."""

    def scope(self) -> AbstractContextManager[object]:
        """Place TensorFlow's work strictly: what cannot run here raises."""

    def loose_scope(self) -> AbstractContextManager[object]:
        """Place TensorFlow's work but leave input pipelines where their kernels are."""

    def check(self, tensor: Untyped) -> None:
        """Raise `DisagreementError` unless the TensorFlow tensor or variable lives here."""

    def wait(self) -> None:
        """Wait until TensorFlow's devices are idle; nothing to wait for on a CPU."""


@dataclass(frozen=True, slots=True)
class Load:
    """How an artifact shall be loaded: for calls like ``call``, the inputs of one by the model's names, as arrays.

    ``threads`` is what the runtime shall use; ``None`` where its pool belongs to the process and is left as it is.
    ``changed`` are its settings that differ from the defaults. ``settings`` has the value of every setting of the
    runtime by name: `PythonRuntime.load` puts it in.
    """

    place: WorkPlacement
    call: Mapping[str, Any]
    threads: int | None
    changed: ChangedSettings = ()
    settings: Mapping[str, str] = field(default_factory=dict)


class Runner(Protocol):
    """A loaded artifact for inputs of one shape, synchronous: `run` returns when the result is on the host.

    ``run`` infers one batch, and is what a clock may be put around; ``clock`` says in words what it contains.
    ``input_names`` are the artifact's names of what `prepare` returns, where that is no mapping.
    ``prepare`` (for int8: quantization of the input) and ``finish`` (dequantization) stay outside. So may the callable
    that ``bind`` returns, which is the compute-only call; ``compute_only_clock`` is its content in words. ``threads``
    are those that the runtime was given, ``None`` where its pool belongs to the process. What a class does not define
    itself is that of a runtime on the host's CPU which takes images and returns probabilities as they are.
    """

    clock: str
    compute_only_clock: str
    threads: int | None
    run: Callable[[Any], Any]
    input_names: Sequence[str] = ()

    def scope(self) -> AbstractContextManager[object]:
        """Be entered around `run`, once for many calls."""
        return nullcontext()

    def prepare(self, inputs: Mapping[str, Any]) -> Untyped:
        """Turn the inputs of a call, arrays by the model's names, into what `run` takes."""
        return inputs

    def bind(self, inputs: Untyped) -> Callable[[], Any] | None:  # noqa: ARG002
        """Put the inputs where the model reads them; returns the compute-only call, synchronous, without copies.

        ``None`` where the runtime does not let the copies be left out.
        """
        return None

    def settle(self, result: Untyped) -> None:
        """Wait until ``result``, of `run` or of the call of `bind`, is on the host and every device idle."""
        del result  # there is nothing to wait for

    def finish(self, outputs: Untyped) -> Mapping[str, Any]:
        """Turn what `run` returned into arrays by the artifact's names of its outputs, dequantized."""
        return cast("Mapping[str, Any]", outputs)


def python_host(context: HostContext) -> RuntimeHost:
    """Return the host of all runtimes that are Python packages."""
    # By name: it knows how to measure, which a runtime does not.
    return cast("RuntimeHost", import_module("lab4.bench.python_host").PythonHost(context))


@dataclass(frozen=True, slots=True)
class Runtime:
    """A way to run artifacts: what it is, and the host that runs it.

    Runtimes with one ``host`` share what that returns. ``thread_setting`` names, in the record, the number of threads
    that each cell gives it; empty where it takes none. ``is_extra``: it is timed only where it is named,
    or formats are, one for browsers among them.
    """

    traits: RuntimeTraits
    host: Callable[[HostContext], RuntimeHost]
    thread_setting: str = ""
    is_extra: bool = False

    @property
    def name(self) -> str:
        """The name in ids."""
        return self.traits.name


@dataclass(frozen=True, slots=True, kw_only=True)
class PythonRuntime(Runtime):
    """A runtime that is a Python package; the containers of its traits are those that its ``loaders`` read.

    ``process`` names the child process that it works in, so that runtimes of one framework share one. A loader takes
    the artifact's path and returns a runner; it raises `ConversionError` or `UnavailableError`. ``import_package``
    imports the framework without starting its threads; it raises `UnavailableError` where it is not installed.
    ``distributions`` are those whose versions are the runtime's, the first one its own.

    ``places_by_tensorflow``: TensorFlow must be opened first, and places the work on a device.
    ``pool_per_process``: its threads belong to its process, so that each number of threads needs a process of its own.
    """

    host: Callable[[HostContext], RuntimeHost] = python_host
    process: str
    loaders: Mapping[str, Callable[[Path, Load], Runner]]
    import_package: Callable[[], object]
    distributions: tuple[str, ...] = ()
    places_by_tensorflow: bool = False
    pool_per_process: bool = False

    def __post_init__(self) -> None:
        """Let the traits say which containers are read."""
        object.__setattr__(self, "traits", replace(self.traits, containers=tuple(self.loaders)))

    def load(self, path: Path, container: str, spec: Load) -> Runner:
        """Load an artifact.

        Raises `ConversionError` where no loader reads the container, or the artifact does not load,
        `UnavailableError` where the runtime or the device is not to be had, and `UnknownNameError` for a setting that
        the runtime does not have.
        """
        if container not in self.loaders:
            raise ConversionError(
                f"{self.traits.label} does not read {container} files; it reads {', '.join(self.loaders)}"
            )
        return self.loaders[container](path, replace(spec, settings=self.traits.values_of(spec.changed)))
