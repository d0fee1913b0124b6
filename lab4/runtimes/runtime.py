"""What a runtime's file provides."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from lab4.domain.catalogue import RuntimeTraits
from lab4.domain.errors import ConversionError
from lab4.runtimes.runner import Load, Runner

__all__ = ["Runtime"]


@dataclass(frozen=True, slots=True)
class Runtime:
    """A way to run artifacts, each of a container that one of its ``loaders`` reads.

    ``process`` names the child process that it works in, so that runtimes of one framework share one. A loader takes
    the artifact's path and returns a runner; it raises `ConversionError` or `UnavailableError`. ``import_package``
    imports the framework without starting its threads; it raises `UnavailableError` where it is not installed.
    """

    traits: RuntimeTraits
    process: str
    loaders: Mapping[str, Callable[[Path, Load], Runner]]
    import_package: Callable[[], object]

    @property
    def name(self) -> str:
        """The name in ids."""
        return self.traits.name

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
