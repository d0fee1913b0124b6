"""What a measurement session has observed so far: warmed-up runners, and the rounds in which cells took turns."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from lab4.domain.observed import Agreement, Disturbance, WarmUp

__all__ = ["Burst", "Round", "TimingWindow", "WarmRunner"]


@dataclass(frozen=True, slots=True)
class WarmRunner:
    """A runner's cold start, its warm-up, whether it is right, and how it is timed.

    ``iterations`` are the calls of each sample, ``alone_iterations`` those of compute-only samples. ``artifact`` is the
    SHA-256 of the file that was loaded, empty where no file was.
    """

    load_s: float
    first_call_s: float
    warmup: WarmUp
    agreement: Agreement
    threads: int | None
    cores: tuple[int, ...] | None
    clock: str
    alone_clock: str
    iterations: int
    alone_iterations: int
    artifact: str = ""


class Burst(NamedTuple):
    """Consecutive samples, and a probe of the machine before and after them.

    A probe is the contention probe's time as a multiple of the frequency probe's, by core.
    """

    samples: int
    probes: tuple[Mapping[int, float], Mapping[int, float]]


@dataclass(frozen=True, slots=True)
class TimingWindow:
    """What one cell was timed for in one round: seconds per call, with copies and compute-only.

    ``reference_s`` is the frequency probe's time meanwhile. ``uncontended`` are the ratios of probes on cores without
    co-runners. ``fresh`` says whether the artifact was loaded anew for the window.
    """

    samples_s: tuple[float, ...]
    alone_s: tuple[float, ...]
    reference_s: float
    bursts: tuple[Burst, ...]
    uncontended: Mapping[int, float]
    disturbance: Disturbance
    fresh: bool
    alone_bursts: tuple[Burst, ...] = ()


@dataclass(frozen=True, slots=True)
class Round:
    """One round of a session, counted from 1, by cell key.

    ``elapsed_s`` is how long the session had lasted at its end, earlier parts of an interrupted session included.
    ``runners`` are those that were warmed up since the last round was kept.
    """

    number: int
    elapsed_s: float
    windows: Mapping[str, TimingWindow]
    runners: Mapping[str, WarmRunner] = field(default_factory=dict)
