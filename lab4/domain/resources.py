"""What calls take beside time, and what the machine has to give: raw, in base units."""

from dataclasses import dataclass

__all__ = ["Counted", "Energy", "Peak", "PeakMemory", "Work"]


@dataclass(frozen=True, slots=True)
class Work:
    """What one call needs by the model's own arithmetic, counted and not measured.

    ``operations`` are arithmetic operations a call, a multiplication with its addition counting as two; ``arithmetic``
    is what they are done in (``float32`` or ``int8``). ``bytes`` is the least that must be read and written a call:
    every weight once, and input and output of the model.
    """

    operations: int
    bytes: int
    arithmetic: str


@dataclass(frozen=True, slots=True)
class Peak:
    """What the machine does at its best: a kernel of known work, repeated.

    ``kind`` is ``float32`` or ``int8`` (a matrix product; ``work`` in operations, a multiply-add counting as two),
    ``memory`` or ``cache`` (``work`` in bytes read and written). ``samples_s`` are seconds a repeat; ``how`` says in
    words what ran. ``device`` is the one that did it; ``threads`` are a CPU's.
    """

    kind: str
    threads: int
    work: int
    samples_s: tuple[float, ...]
    how: str
    device: str = "cpu"


@dataclass(frozen=True, slots=True)
class PeakMemory:
    """The most memory that work held beyond ``baseline_bytes`` of its process; ``how`` says in words what was read."""

    bytes: int
    baseline_bytes: int
    how: str


@dataclass(frozen=True, slots=True)
class Energy:
    """What meters counted while so many calls ran in so many seconds: joules by meter, of all that the machine did."""

    joules: dict[str, float]
    calls: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Counted:
    """What the processor counted in so many calls, by event, in the process's own code."""

    counts: dict[str, int]
    calls: int
