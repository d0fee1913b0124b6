"""What the driver sends to a node, and what comes back: plain data."""

from collections.abc import Mapping
from dataclasses import dataclass, field

#: Content keys of the cache, each with the SHA-256 of its packed entry.
Digests = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class RunOrder:
    """One run of pytest on a node: for ``cells`` only if given, in the folder ``name`` of the fleet's run ``fleet``.

    ``folder`` is where pytest runs; empty: where the project was unpacked. ``shared`` is the URL of a shared cache.
    ``anew``: a build takes nothing from this node's cache.
    """

    fleet: str
    name: str
    arguments: tuple[str, ...]
    cells: tuple[str, ...] | None
    folder: str = ""
    shared: str = ""
    anew: bool = False


@dataclass(frozen=True, slots=True)
class Built:
    """What a build has made; ``problem`` is why it has not, or empty; ``node`` is Ray's name of where it ran."""

    digests: Digests = field(default_factory=dict)
    problem: str = ""
    node: str = ""


@dataclass(frozen=True, slots=True)
class Ended:
    """How a run ended on a node: its file where it has one, and what went wrong."""

    content: bytes | None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Lines:
    """Lines of the journal of the run ``run``, in order."""

    run: str
    content: tuple[bytes, ...]
