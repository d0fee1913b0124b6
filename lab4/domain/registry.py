"""A registry: names of things that live in a file each, loaded when first asked for."""

from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from typing import Generic, TypeVar, cast

from lab4.domain.errors import UnknownNameError

__all__ = ["Registry"]

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Registry(Generic[T]):
    """Names to ``module:attribute``; adding a thing is one file and one entry.

    >>> Registry("number", {"pi": "math:pi"})["pi"]
    3.141592653589793
    """

    kind: str
    entries: dict[str, str]

    def __getitem__(self, name: str) -> T:
        """Import and return the thing called ``name``.

        Raises:
            UnknownNameError: with the valid names, if there is none.
        """
        if name not in self.entries:
            raise UnknownNameError.among(self.kind, name, self.entries)
        module, _, attribute = self.entries[name].partition(":")
        return cast("T", getattr(import_module(module), attribute))

    def __iter__(self) -> Iterator[str]:
        """The names, in the order they are listed to people."""
        return iter(self.entries)

    def __contains__(self, name: object) -> bool:
        """Whether there is a thing of this name."""
        return name in self.entries
