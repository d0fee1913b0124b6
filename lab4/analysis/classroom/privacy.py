"""Runs and texts without what says whose they are: host names, users' names, home folders, the student's own name."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import islice, pairwise
from operator import is_not
from typing import TYPE_CHECKING, TypeVar, cast

from lab4.analysis.observations import machine_of
from lab4.domain.catalogue import Catalogue, ModelTraits
from lab4.domain.cell import Cell
from lab4.domain.machine import Machine
from lab4.domain.observed import KeptOutput, Latency, Loading, Peak, Work
from lab4.domain.profiled import OperatorTime, Profile
from lab4.domain.run import Commit, DatasetInfo, Run, Settings

if TYPE_CHECKING:
    from lab4.domain.untyped import Untyped

T = TypeVar("T")

#: What takes the place of a name: it may be a part of an identifier, so that a model's name stays one.
_PERSON = "student"
#: A home folder of Linux, macOS and Windows, with the user's name; a text may have its backslashes twice.
_HOME = re.compile(r"(?:/(?:home|Users|export/home|var/home)/|[A-Za-z]:\\+Users\\+)([^/\\\s:'\"<>|]+)", re.IGNORECASE)
#: Users and hosts of these names are of no person.
_ANY_USER = {"shared", "public", "default", "root", "runner", "user", "ubuntu"}
_ANY_HOST = {"localhost", "localdomain", "local", "home", "lan", "desktop", "laptop", "ubuntu", "debian", "fedora"}
#: A name has so many letters: an initial identifies no person, and is in every text. A number is longer.
_LEAST, _LEAST_DIGITS = 3, 5
#: So many characters of a name are searched for: whoever writes a page has no such name.
_MOST = 200
#: And so many users' names: every text is searched for each of them.
_MOST_USERS = 100
_PART = re.compile(r"[^\W_]+")
#: What most values of a run are, which are asked first: a mapping is known slowly.
_NO_TEXT = (float, int, type(None))
#: Fields whose texts are of a closed set, identifiers or digests: code compares them, and no person is named in them.
_CLOSED: Mapping[type, frozenset[str]] = {
    Run: frozenset({"started_at", "lab4_version", "peaks"}),
    Settings: frozenset({"profile", "resources"}),
    DatasetInfo: frozenset({"sha256"}),
    Commit: frozenset({"revision"}),
    Machine: frozenset({"cpu_flags", "gpus", "python", "libraries"}),
    Catalogue: frozenset({"techniques", "formats", "runtimes", "devices", "metrics"}),
    ModelTraits: frozenset({"task", "original_format", "architecture", "contract"}),
    Cell: frozenset({"kind", "techniques", "device", "format", "runtime", "settings"}),
    Latency: frozenset({"ended"}),
    Loading: frozenset({"runtime"}),
    KeptOutput: frozenset({"dtype"}),
    Work: frozenset({"arithmetic"}),
    Peak: frozenset({"kind", "device"}),
    Profile: frozenset({"runtime", "version"}),
    OperatorTime: frozenset({"type", "where", "dtype"}),
}


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose run it is: the student's names, whole, the parts of them that are names, and parts ``joined`` to a word."""

    names: tuple[str, ...]
    parts: tuple[str, ...]
    joined: tuple[str, ...] = ()

    def text(self, given: str) -> str:
        """A student's own text without the student's name; a single word in small letters is a word, and no name."""
        whole = [*(name for name in self.names if not name.isalpha()), *self.joined]
        written = _replaced(whole, re.IGNORECASE)(_HOME.sub("~", given))
        forms = {form for part in self.parts for form in (part, part.capitalize(), part.upper())}
        return _replaced({form for form in forms if form != form.lower() or not form.isalpha()})(written)


def owners(names: Sequence[Sequence[str]]) -> list[Owner]:
    """The owner for the names of each student: of the folder, and as the student writes it.

    What half of the students have in their names is no name, but what a course's server adds.
    """
    listed = [[name.strip()[:_MOST] for name in own] for own in names]
    counts = Counter(part for own in listed for part in {part.lower() for name in own for part in _PART.findall(name)})
    most = max(1, len(names) // 2)
    return [_owner(own, lambda part: counts[part.lower()] <= most) for own in listed]


def _owner(names: Sequence[str], is_own: Callable[[str], bool]) -> Owner:
    """The owner of these names, of which only some parts are the owner's."""
    parts = [list(filter(is_own, _PART.findall(name))) for name in names]
    longer = [list(filter(_may_be_name, own)) for own in parts]  # without initials
    joined = dict.fromkeys(word.lower() for own in (*parts, *longer) for word in _joined(own))
    return Owner(
        tuple(filter(_may_be_name, names)),
        tuple({part.lower(): part for own in longer for part in own}.values()),
        tuple(filter(_may_be_name, joined)),
    )


def _joined(parts: Sequence[str]) -> Iterator[str]:
    """Several parts as one word, as in names of files and users: all of them, and any two in a row, in both orders."""
    if len(parts) > 1:
        yield "".join(parts)
    for one, other in pairwise(parts):
        yield from (one + other, other + one)


def _may_be_name(text: str) -> bool:
    return len(text) >= (_LEAST_DIGITS if text.isdigit() else _LEAST)


def names_out(runs: Sequence[Run], owner: Owner) -> Callable[[str], str]:
    """A function that takes out of a text of these runs what names their owner, the host or a user."""
    nodes = {run.machine.node for run in runs}
    hosts = {host for node in nodes for host in (node, node.partition(".")[0]) if host.lower() not in _ANY_HOST}
    homes = dict.fromkeys(user for run in runs for text in _texts(run) for user in _HOME.findall(text))
    users = islice((user for user in homes if user.lower() not in _ANY_USER), _MOST_USERS)
    names = {*owner.names, *owner.parts, *owner.joined, *hosts, *users}
    without_names = _replaced(filter(_may_be_name, names), re.IGNORECASE)
    return lambda text: without_names(_HOME.sub("~", text))


def anonymous(runs: Sequence[Run], text: Callable[[str], str]) -> tuple[Run, ...]:
    """The runs as they may be published: machines have numbers, and free texts in them are as ``text`` makes them.

    Raises `Lab4Error` where the name of a model can no longer be one.
    """
    numbers = {machine: number for number, machine in enumerate(dict.fromkeys(map(machine_of, runs)), 1)}
    return tuple(
        replace(made, machine=replace(made.machine, node=f"machine {numbers[machine_of(run)]}"), source="")
        for run in runs
        for made in [_changed(run, text)]
    )


def _replaced(names: Iterable[str], flags: int = 0) -> Callable[[str], str]:
    """A function that puts a word in the place of these names, where they are whole words; the longest first."""
    listed = sorted({name for name in names if name}, key=len, reverse=True)
    if not listed:
        return lambda text: text
    pattern = re.compile(rf"(?<![^\W_])(?:{'|'.join(map(re.escape, listed))})(?![^\W_])", flags)
    return lambda text: pattern.sub(_PERSON, text)


def _texts(value: object) -> Iterator[str]:
    """Every text in a value of the domain."""
    if isinstance(value, _NO_TEXT):
        return
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        yield from (text for pair in value.items() for each in pair for text in _texts(each))
    elif _may_have_texts(value):
        yield from (text for each in cast("tuple[object, ...]", value) for text in _texts(each))
    else:
        yield from (text for name in _fields(value) for text in _texts(getattr(value, name)))


def _fields(value: object, *, is_open: bool = False) -> tuple[str, ...]:
    """The names of a dataclass's fields, with ``is_open`` without those of closed sets; of any other value none."""
    kind: Untyped = type(value)
    return _fields_of(kind, is_open=is_open)


@cache
def _fields_of(kind: type, *, is_open: bool) -> tuple[str, ...]:
    found: Iterable[str] = getattr(kind, "__dataclass_fields__", ())
    closed = _CLOSED.get(kind, frozenset()) if is_open else ()
    return tuple(name for name in found if name not in closed)


def _may_have_texts(value: object) -> bool:
    """Whether it is a tuple that is worth a look: one of samples is long, and has numbers only."""
    return isinstance(value, tuple) and bool(value) and not isinstance(value[0], float | int)


def _changed(value: T, change: Callable[[str], str]) -> T:
    """The value with every free text in it changed; what has none is the same object.

    Of the keys of mappings, those of models are names that somebody gave; the others are of closed sets.
    """
    old: Untyped = value
    if isinstance(old, _NO_TEXT):
        return value
    if isinstance(old, str):
        return cast("T", change(old))
    if isinstance(old, Mapping):
        pairs = ((_key(key, each, change), _changed(each, change)) for key, each in old.items())
        return cast("T", dict(pairs))
    if _may_have_texts(old):
        made = tuple(_changed(each, change) for each in old)
        return cast("T", made if any(map(is_not, made, old)) else old)
    changed = {}
    for name in _fields(old, is_open=True):
        own = getattr(old, name)
        if (new := _changed(own, change)) is not own:
            changed[name] = new
    return cast("T", replace(old, **changed) if changed else old)


def _key(key: str, value: object, change: Callable[[str], str]) -> str:
    return change(key) if isinstance(value, ModelTraits) else key
