"""What calls take in addition to time, and what the machine can do at best: raw, in base units."""

from dataclasses import dataclass
from typing import Literal

from lab4.domain.fields import Bytes, Count, Number, Positive, Seconds, Some, Words

PeakKind = Literal["float32", "int8", "memory", "cache"]


@dataclass(frozen=True, slots=True)
class Work:
    """What one call needs by the model's own arithmetic, counted and not measured.

    ``operations`` are arithmetic operations per call, a multiplication with its addition counting as two;
    ``arithmetic`` is their type (``float32`` or ``int8``). ``bytes`` is the least that a call must read and write:
    every weight once, and input and output of the model.
    """

    operations: Count
    bytes: Bytes
    arithmetic: Words


@dataclass(frozen=True, slots=True)
class Peak:
    """What the machine does at its best: a kernel of known work, repeated.

    ``kind`` is ``float32`` or ``int8`` (a matrix product; ``work`` in operations, a multiply-add counting as two),
    ``memory`` or ``cache`` (``work`` in bytes read and written). ``samples_s`` are seconds a repeat; ``how`` says in
    words what ran. ``device`` is the one that did it; ``threads`` are a CPU's.
    """

    kind: PeakKind
    threads: Positive
    work: Count
    samples_s: Some
    how: Words
    device: Words = "cpu"


@dataclass(frozen=True, slots=True)
class PeakMemory:
    """The most memory that work held beyond ``baseline_bytes`` of its process; ``how`` says in words what was read."""

    bytes: Bytes
    baseline_bytes: Bytes
    how: Words


@dataclass(frozen=True, slots=True)
class Arena:
    """The memory that an artifact needs on a microcontroller, in addition to the file itself: ``bytes`` in all.

    ``reused_bytes`` of them hold inner values, in turn; the rest is kept from the first to the last call. ``how`` says
    in words by what it was allocated.
    """

    bytes: Bytes
    reused_bytes: Bytes
    how: Words


@dataclass(frozen=True, slots=True)
class Energy:
    """What meters counted while so many calls ran in so many seconds: joules by meter, of all that the machine did."""

    joules: dict[Words, Number]
    calls: Positive
    seconds: Seconds


@dataclass(frozen=True, slots=True)
class Counters:
    """What the processor counted in so many calls, by event, in the process's own code."""

    counts: dict[Words, Count]
    calls: Positive
