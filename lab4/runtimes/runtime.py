"""What a runtime's file provides."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import cast

from lab4.domain.catalogue import RuntimeTraits
from lab4.domain.errors import ConversionError
from lab4.runtimes.host import HostContext, RuntimeHost
from lab4.runtimes.runner import Load, Runner

__all__ = ["TENSORFLOW_PROCESS", "PythonRuntime", "Runtime"]

#: The process that opens TensorFlow: it builds models too.
TENSORFLOW_PROCESS = "tensorflow"


def python_host(context: HostContext) -> RuntimeHost:
    """Return the host of all runtimes that are Python packages."""
    # By name: it knows how to measure, which a runtime does not.
    return cast("RuntimeHost", import_module("lab4.bench.python_host").PythonHost(context))


@dataclass(frozen=True, slots=True)
class Runtime:
    """A way to run artifacts: what it is, and the host that runs it.

    Runtimes with one ``host`` share what that returns. ``thread_setting`` names, in the record, the number of threads
    that each cell gives it; empty where it takes none.
    """

    traits: RuntimeTraits
    host: Callable[[HostContext], RuntimeHost]
    thread_setting: str = ""

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

        Raises:
            ConversionError: where no loader reads the container, or the artifact does not load.
            UnavailableError: where the runtime or the device is not to be had.
        """
        if container not in self.loaders:
            raise ConversionError(
                f"{self.traits.label} does not read {container} files; it reads {', '.join(self.loaders)}"
            )
        return self.loaders[container](path, spec)
