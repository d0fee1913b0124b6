"""What a peer is, and what it is asked."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from lab4.domain.crosscheck import SUITE, Figure, Subject
from lab4.domain.outcome import Unavailable

__all__ = ["Line", "Peer", "Reading", "Task"]

#: One round's value: seconds a call, or why the peer gave none.
Reading = float | Unavailable


@dataclass(frozen=True, slots=True)
class Task:
    """Time ``subject`` with so many threads and items a call.

    ``seconds`` is for how long, ``calls`` how many calls that is about, for peers who count; ``warmup_calls`` come
    before the first that counts.
    """

    subject: Subject
    threads: int
    batch_size: int
    seconds: float
    calls: int
    warmup_calls: int

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of one call's input."""
        return (self.batch_size, *self.subject.item_shape)


@dataclass(frozen=True, slots=True)
class Line:
    """A figure that a peer gives, and what its clock contains, in words."""

    figure: Figure
    clock: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """A tool that times model files.

    ``lines`` are its figures, by the ending of the files that it takes. ``measure(task, folder)`` runs it once in a
    process of its own, with ``folder`` for what it writes, and returns a reading for each of its figures; it raises
    `UnavailableError` where it cannot, with the reason in words. ``beside`` names whom its figures are compared with.
    """

    lines: Mapping[str, tuple[Line, ...]]
    measure: Callable[[Task, Path], dict[Figure, Reading]]
    note: str = ""
    beside: tuple[str, ...] = (SUITE,)
