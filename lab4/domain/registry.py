"""A registry: names of things that live in a file each, ours and those of other packages, loaded when first asked for.

Another package adds a thing by an entry point in the registry's group, such as ``lab4.formats``.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib import import_module, metadata
from typing import Generic, TypeVar, cast

from lab4.domain.errors import Lab4Error, UnavailableError, UnknownNameError
from lab4.domain.names import check_name
from lab4.domain.text import printable

__all__ = ["OWN_PACKAGE", "Registry"]

T = TypeVar("T")

#: The distribution that this project's own entries are of.
OWN_PACKAGE = "lab4"


@dataclass(frozen=True, slots=True)
class _Entry:
    """Where a thing is, ``module:attribute``, and the distribution that it is of."""

    value: str
    package: str


@dataclass(frozen=True, slots=True)
class Registry(Generic[T]):
    """Names to things; adding one is one file and one entry.

    ``own`` are this project's, ``module:attribute`` by name; those of other packages come by entry points of ``group``.

    >>> Registry("number", {"pi": "math:pi"})["pi"]
    3.141592653589793
    """

    kind: str
    own: dict[str, str]
    group: str = ""

    def __getitem__(self, name: str) -> T:
        """Import and return the thing called ``name``.

        Raises:
            CellIdError: for a name that cannot stand in an id.
            UnknownNameError: with the valid names, if there is none; or with both packages, if two register it.
            UnavailableError: if another package's module raises as it is imported.
        """
        return self._load(self._entry(name))

    def __iter__(self) -> Iterator[str]:
        """The names, in the order they are listed to people: ours, then those of other packages by name."""
        return iter(dict.fromkeys((*self.own, *sorted(_entry_points(self.group)))))

    def __contains__(self, name: object) -> bool:
        """Whether there is a thing of this name."""
        return name in self.own or name in _entry_points(self.group)

    def __len__(self) -> int:
        """How many things there are."""
        return sum(1 for _ in self)

    def require(self, names: Iterable[str], where: str) -> None:
        """Refuse names that are not there or cannot be loaded; ``where`` they are written begins the sentence.

        Raises:
            UnknownNameError: with the valid names, or with the reason why one is not available.
        """
        for name in names:
            if name not in self:
                raise UnknownNameError(f"{where}: {UnknownNameError.among(self.kind, name, self)}")
            try:
                _ = self[name]
            except Lab4Error as error:  # another package's, which cannot be loaded
                raise UnknownNameError(f"{where}: the {self.kind} {name!r} is not available: {error}") from None

    def module_of(self, name: str) -> str:
        """The module that the thing called ``name`` is in; raises `UnknownNameError` as `__getitem__`."""
        return self._entry(name).value.partition(":")[0]

    def package_of(self, name: str) -> str:
        """The distribution that the thing called ``name`` is of; raises `UnknownNameError` as `__getitem__`."""
        return self._entry(name).package

    def _entry(self, name: str) -> _Entry:
        own = [_Entry(self.own[name], OWN_PACKAGE)] if name in self.own else []
        found = [*own, *_entry_points(self.group).get(name, ())]
        check_name(self.kind, name)
        if not found:
            raise UnknownNameError.among(self.kind, name, self)
        if len(found) > 1:
            packages = " and ".join(entry.package for entry in found)
            raise UnknownNameError(
                f"the {self.kind} {name!r} is registered by two packages, {packages}; uninstall one of them"
            )
        return found[0]

    def _load(self, entry: _Entry) -> T:
        module, _, attribute = entry.value.partition(":")
        if entry.package == OWN_PACKAGE:
            return cast("T", getattr(import_module(module), attribute))
        try:
            return cast("T", getattr(import_module(module), attribute))
        except Exception as error:  # whatever another package raises costs its entry alone
            raise UnavailableError(
                f"{entry.value} of the package {entry.package} cannot be imported "
                f"({type(error).__name__}: {printable(str(error))})"
            ) from error


@cache
def _entry_points(group: str) -> dict[str, tuple[_Entry, ...]]:
    """The entry points of a group by name; a name that cannot stand in an id is refused when it is asked for."""
    found: dict[str, tuple[_Entry, ...]] = {}
    for point in metadata.entry_points(group=group) if group else ():
        package = "an unnamed package" if point.dist is None else point.dist.name
        entry = _Entry(point.value, package)
        if entry not in found.get(point.name, ()):  # a distribution that is on the path twice
            found[point.name] = (*found.get(point.name, ()), entry)
    return found
