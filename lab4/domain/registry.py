"""A registry: names of things that live in a file each, ours and those of other packages, loaded when first asked for.

Another package adds a thing by an entry point in the registry's group, such as ``lab4.formats``.
"""

import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib import import_module, metadata
from typing import Generic, TypeVar, cast

from lab4.domain.cell import check_name
from lab4.domain.errors import CellIdError, Lab4Error, UnavailableError, UnknownNameError
from lab4.domain.text import first_line
from lab4.domain.untyped import Untyped

T = TypeVar("T")

#: The distribution that this project's own entries are of.
OWN_PACKAGE = "lab4"
#: Words of the options that mean several entries, so that none can be called that: every entry, and the default.
ALL, DEFAULT = "all", "default"


@dataclass(frozen=True, slots=True)
class _Entry:
    """Where a thing is, ``module:attribute``, and the distribution that it is of."""

    value: str
    package: str


@dataclass(frozen=True, slots=True)
class Registry(Generic[T]):
    """Names to things; adding one is one file and one entry.

    ``own`` are this project's, ``module:attribute`` by name; those of other packages come by entry points of ``group``.
    ``entry_type`` is what an entry must be an instance of, or a protocol whose attributes it must have. ``usual`` are
    those that are meant where a user names none, if not all of ours.

    >>> Registry("number", {"pi": "math:pi"})["pi"]
    3.141592653589793
    """

    kind: str
    own: dict[str, str]
    group: str = ""
    entry_type: Untyped = None
    usual: tuple[str, ...] = ()

    def __getitem__(self, name: str) -> T:
        """Import and return the thing called ``name``.

        Raises `CellIdError` for a name that cannot be part of an id; `UnknownNameError` with the valid names, if there
        is none; and `UnavailableError` with the reason, if two packages register it, its module raises as it is
        imported, or it is not what a thing of this kind must be.
        """
        entry = self._entry(name)
        module, _, attribute = entry.value.partition(":")
        if entry.package == OWN_PACKAGE:
            return cast("T", getattr(import_module(module), attribute))
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # another package's deprecations are not the user's business
                loaded = getattr(import_module(module), attribute)
                reason = self._misfit(name, loaded)
        except (Exception, SystemExit) as error:  # noqa: BLE001  # whatever it raises costs this entry only
            reason = f"importing {entry.value} raised {type(error).__name__}: {first_line(error)}"
        if reason:
            raise UnavailableError(f"the {self.kind} {name!r} of the package {entry.package} cannot be used: {reason}")
        return cast("T", loaded)

    def __iter__(self) -> Iterator[str]:
        """The names, in the order they are listed to people: ours, then those of other packages by name."""
        return iter(dict.fromkeys((*self.own, *sorted(_entry_points(self.group)))))

    def __contains__(self, name: object) -> bool:
        return name in self.own or name in _entry_points(self.group)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def expanded(self, written: Iterable[str], default: Iterable[str] = ()) -> list[str]:
        """Words of an option: ``all`` means every entry that can be used, ``default`` for those, or for ours."""
        words, several = list(written), {DEFAULT: tuple(default) or self.default}
        if ALL in words:
            faults = self.faults()
            several[ALL] = tuple(name for name in self if name not in faults)
        return [name for word in words for name in several.get(word, (word,))]

    @property
    def default(self) -> tuple[str, ...]:
        """The names that are meant where none are written: ``usual``, or all of ours."""
        return self.usual or tuple(self.own)

    def require(self, names: Iterable[str], where: str) -> None:
        """Refuse names that are not there or cannot be loaded; ``where`` they are written begins the sentence.

        Raises `UnknownNameError` with the valid names, or with the reason why one is not available.
        """
        for name in names:
            if name not in self:
                raise UnknownNameError(f"{where}: {UnknownNameError.among(self.kind, name, self)}")
            try:
                _ = self[name]
            except Lab4Error as error:  # another package's, which cannot be used
                raise UnknownNameError(f"{where}: {error}") from None

    def module_of(self, name: str) -> str:
        """The module that the thing called ``name`` is in; raises as `__getitem__`, but loads nothing."""
        return self._entry(name).value.partition(":")[0]

    def package_of(self, name: str) -> str:
        """The distribution that the thing called ``name`` is of; raises as `__getitem__`, but loads nothing."""
        return self._entry(name).package

    def faults(self) -> dict[str, str]:
        """Why entries of other packages cannot be used, by name; loads all of them."""
        found = {}
        for name in _entry_points(self.group):
            try:
                _ = self[name]
            except Lab4Error as error:  # noqa: PERF203  # a few entries
                found[name] = str(error)
        return found

    def _entry(self, name: str) -> _Entry:
        own = [_Entry(self.own[name], OWN_PACKAGE)] if name in self.own else []
        found = [*own, *_entry_points(self.group).get(name, ())]
        check_name(self.kind, name)
        if name in {ALL, DEFAULT}:
            raise CellIdError(f"{name!r} cannot name a {self.kind}: in options it means several of them")
        if not found:
            raise UnknownNameError.among(self.kind, name, self)
        if len(found) > 1:
            packages = " and ".join(entry.package for entry in found)
            raise UnavailableError(
                f"the {self.kind} {name!r} is registered by two packages, {packages}; uninstall one of them"
            )
        return found[0]

    def _misfit(self, name: str, entry: Untyped) -> str:
        """Why the entry is not what its kind must be; empty where it is."""
        expected = self.entry_type
        if expected is None:
            return ""
        if not getattr(expected, "_is_protocol", False):
            if not isinstance(entry, expected):
                return f"it is of type {type(entry).__name__}, and must be a {expected.__name__}"
        elif missing := [each for each in vars(expected) if not each.startswith("_") and not hasattr(entry, each)]:
            return f"it has no {' and no '.join(missing)}"
        own_name = getattr(getattr(entry, "traits", entry), "name", name)
        return "" if own_name == name else f"it calls itself {own_name!r}; register it by that name"


#: Every distribution is looked at once, and not for each group.
_installed = cache(metadata.entry_points)


@cache
def _entry_points(group: str) -> dict[str, tuple[_Entry, ...]]:
    """The entry points of a group by name; a name that cannot be part of an id is refused when it is asked for."""
    found: dict[str, tuple[_Entry, ...]] = {}
    for point in _installed().select(group=group) if group else ():
        package = "an unnamed package" if point.dist is None else point.dist.name
        entry = _Entry(point.value, package)
        if entry not in found.get(point.name, ()):  # a distribution that is on the path twice
            found[point.name] = (*found.get(point.name, ()), entry)
    return found


#: In the order of an id. Each is imported when it is asked for.
REGISTRIES: Registry[Registry[object]] = Registry(
    "registry",
    {
        "model": "lab4.models:MODELS",
        "technique": "lab4.techniques:TECHNIQUES",
        "device": "lab4.devices:DEVICES",
        "format": "lab4.formats:FORMATS",
        "runtime": "lab4.runtimes:RUNTIMES",
        "metric": "lab4.metrics:METRICS",
        "dataset": "lab4.datasets:DATASETS",
        "report": "lab4.report:REPORTS",
    },
)
