"""What a measurement session has observed so far: warmed-up runners, and the rounds in which cells took turns."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, NamedTuple

from lab4.domain.fields import AtLeastOne, Core, Count, Flag, Number, Packed, Positive, Seconds, Words
from lab4.domain.observed import Agreement, SystemActivity, WarmUp


@dataclass(frozen=True, slots=True)
class WarmRunner:
    """A runner's cold start, its warm-up, whether it is right, and how it is timed.

    ``iterations`` are the calls of each sample, ``compute_only_iterations`` those of compute-only samples. ``artifact``
    is the SHA-256 of the file that was loaded, empty where no file was.
    """

    load_s: Seconds
    first_call_s: Seconds
    warmup: WarmUp
    agreement: Agreement
    threads: Count | None
    cores: Annotated[tuple[Count, ...], AtLeastOne()] | None
    clock: Words
    compute_only_clock: Words
    iterations: Positive
    compute_only_iterations: Positive
    artifact: Words = ""


class Burst(NamedTuple):
    """Consecutive samples, and a probe of the machine before and after them.

    A probe is the contention probe's time as a multiple of the frequency probe's, by core. ``lost`` is the share
    of the burst's time in which others had a core that the process waited for.
    """

    samples: Count
    probes: tuple[Mapping[Core, Number], Mapping[Core, Number]]
    lost: Number = 0.0


@dataclass(frozen=True, slots=True)
class TimingWindow:
    """What one cell was timed for in one round: seconds per call, with copies and compute-only.

    ``probe_s`` is the frequency probe's time meanwhile. ``uncontended_ratios`` are the ratios of probes on cores
    without co-runners. ``fresh`` says whether the artifact was loaded anew for the window.
    """

    samples_s: Annotated[tuple[float, ...], Packed("floats")]
    compute_only_s: Annotated[tuple[float, ...], Packed("floats")]
    probe_s: Seconds
    bursts: tuple[Burst, ...]
    uncontended_ratios: Mapping[Core, Number]
    system_activity: SystemActivity
    fresh: Flag
    compute_only_bursts: tuple[Burst, ...] = ()

    def __post_init__(self) -> None:
        for samples, bursts in ((self.samples_s, self.bursts), (self.compute_only_s, self.compute_only_bursts)):
            if bursts and sum(burst.samples for burst in bursts) != len(samples):
                raise ValueError(f"bursts of {sum(burst.samples for burst in bursts)} samples hold {len(samples)}")


@dataclass(frozen=True, slots=True)
class Round:
    """One round of a session, counted from 1, by cell key.

    ``elapsed_s`` is how long the session had lasted at its end, earlier parts of an interrupted session included.
    ``runners`` are those that were warmed up since the last round was kept.
    """

    number: Positive
    elapsed_s: Seconds
    windows: Mapping[str, TimingWindow]
    runners: Mapping[str, WarmRunner] = field(default_factory=dict)
