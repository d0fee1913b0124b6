"""Runs and texts without what says whose they are: host names, users' names, home folders, the student's own name."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from operator import is_not
from typing import TYPE_CHECKING, TypeVar, cast

from lab4.analysis.observations import machine_of
from lab4.domain.run import Run

if TYPE_CHECKING:
    from lab4.domain.untyped import Untyped

T = TypeVar("T")

#: What takes the place of a name: it may be a part of an identifier, so that a model's name stays one.
_PERSON = "student"
#: A home folder of Linux, macOS and Windows, with the user's name; JSON may hold a path with its escapes.
_HOME = re.compile(r"(?:/(?:home|Users|export/home|var/home)/|[A-Za-z]:\\+Users\\+)([^/\\\s:'\"<>|]+)", re.IGNORECASE)
_SHARED_USERS = {"shared", "public", "default", "root", "runner", "user", "ubuntu"}
#: A name has so many letters; an initial identifies nobody and is in every text.
_LEAST = 3
#: A name on a host of these is no name of anybody's.
_ANY_HOST = {"localhost", "localdomain", "local", "home", "lan", "desktop", "laptop", "ubuntu", "debian", "fedora"}
_PART = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose run it is: the student's names, whole, and the parts of them that are names."""

    names: tuple[str, ...]
    parts: tuple[str, ...]

    def text(self, given: str) -> str:
        """A student's own text without the student's name; small letters alone are taken for words, not for a name."""
        written = _replaced(self.names, re.IGNORECASE)(_HOME.sub("~", given))
        return _replaced({form for part in self.parts for form in (part.capitalize(), part.upper())})(written)


def owners(names: Sequence[Sequence[str]]) -> list[Owner]:
    """The owner for the names of each student: of the folder, and as the student writes it.

    What half of the students have in their names is no name, but what a course's server adds.
    """
    parts = [{part.lower(): part for name in own for part in _PART.findall(name)} for own in names]
    counts = Counter(part for own in parts for part in own)
    most = max(1, len(names) // 2)
    return [
        Owner(
            tuple(name.strip() for name in own if len(name.strip()) >= _LEAST),
            tuple(each for part, each in named.items() if len(part) >= _LEAST and counts[part] <= most),
        )
        for own, named in zip(names, parts, strict=True)
    ]


def names_out(runs: Sequence[Run], owner: Owner) -> Callable[[str], str]:
    """A function that takes out of a text of these runs what names their owner, the host or a user.

    Names of formats, techniques, runtimes and devices are left as they are: they are of no person.
    """
    kept = {name.lower() for run in runs for name in _common_names(run)}
    nodes = {run.machine.node for run in runs}
    hosts = {part for node in nodes for part in (node, node.partition(".")[0], *_PART.findall(node))}
    users = {user for run in runs for text in _texts(run) for user in _HOME.findall(text)} - _SHARED_USERS
    names = {*owner.names, *owner.parts, *hosts, *users}
    found = {name for name in names if len(name) >= _LEAST and name.lower() not in kept | _ANY_HOST}
    without_names = _replaced(found, re.IGNORECASE)
    return lambda text: without_names(_HOME.sub("~", text))


def anonymous(runs: Sequence[Run], text: Callable[[str], str]) -> tuple[Run, ...]:
    """The runs as they may be published: machines have numbers, and every text in them is as ``text`` makes it.

    Raises `Lab4Error` where a name that is changed can no longer name what it names.
    """
    numbers = {machine: number for number, machine in enumerate(dict.fromkeys(map(machine_of, runs)), 1)}
    return tuple(
        replace(made, machine=replace(made.machine, node=f"machine {numbers[machine_of(run)]}"), source="")
        for run in runs
        for made in [_changed(run, text)]
    )


def _common_names(run: Run) -> Iterator[str]:
    """Words of the run that are of no person: its entries but models, and what people call its hardware."""
    catalogue = run.catalogue
    entries = (catalogue.techniques, catalogue.formats, catalogue.runtimes, catalogue.devices, catalogue.metrics)
    yield from (name for own in entries for name in own)
    for name in (*(name for own in entries for name in own), run.machine.cpu, run.machine.os):
        yield from _PART.findall(name)
    for each in run.measurements:
        yield from (each.cell.kind, each.cell.device, each.cell.format, *each.cell.techniques)


def _replaced(names: Iterable[str], flags: int = 0) -> Callable[[str], str]:
    """A function that puts a word in the place of these names, where they are whole words; the longest first."""
    listed = sorted({name for name in names if name}, key=len, reverse=True)
    if not listed:
        return lambda text: text
    pattern = re.compile(rf"(?<![^\W_])(?:{'|'.join(map(re.escape, listed))})(?![^\W_])", flags)
    return lambda text: pattern.sub(_PERSON, text)


def _texts(value: object) -> Iterator[str]:
    """Every text in a value of the domain."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        yield from (text for pair in value.items() for each in pair for text in _texts(each))
    elif _may_have_texts(value):
        yield from (text for each in cast("tuple[object, ...]", value) for text in _texts(each))
    else:
        yield from (text for name in _fields(type(value)) for text in _texts(getattr(value, name)))


def _fields(kind: object) -> Iterable[str]:
    """The names of a dataclass's fields; of any other type none."""
    found: Iterable[str] = getattr(kind, "__dataclass_fields__", ())
    return found


def _may_have_texts(value: object) -> bool:
    """Whether it is a tuple that is worth a look: one of samples is long, and has numbers only."""
    return isinstance(value, tuple) and bool(value) and not isinstance(value[0], float | int)


def _changed(value: T, change: Callable[[str], str]) -> T:
    """The value with every text in it changed; what has none is the same object."""
    old: Untyped = value
    if isinstance(old, str):
        return cast("T", change(old))
    if isinstance(old, Mapping):
        return cast("T", {_changed(key, change): _changed(each, change) for key, each in old.items()})
    if _may_have_texts(old):
        made = tuple(_changed(each, change) for each in old)
        return cast("T", made if any(map(is_not, made, old)) else old)
    own = {name: getattr(old, name) for name in _fields(type(old))}
    new = {name: _changed(each, change) for name, each in own.items()}
    changed = {name: each for name, each in new.items() if each is not own[name]}
    return cast("T", replace(old, **changed) if changed else old)
