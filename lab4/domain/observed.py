"""What was observed of a cell, raw and in base units: seconds, bytes, counts.

Nothing here is derived: medians, rates and percentages belong to `lab4.analysis`.
"""

from dataclasses import dataclass

__all__ = [
    "Accuracy",
    "Agreement",
    "Artifact",
    "Disturbance",
    "Latency",
    "Loading",
    "Series",
    "Size",
    "Sparsity",
    "Training",
    "WarmUp",
]


@dataclass(frozen=True, slots=True)
class WarmUp:
    """What came before the first sample: so many calls in so many seconds.

    ``steady`` says whether calls had stopped becoming faster, by the test of `lab4.sampling.steady`, or the warm-up
    was cut by its time limit. ``None`` where an older record does not tell.
    """

    calls: int
    seconds: float | None
    steady: bool | None


@dataclass(frozen=True, slots=True)
class Series:
    """Seconds per call, in the order observed, taken in passes over the run.

    ``pass_sizes`` are the samples of each pass; each sample is the mean of ``iterations`` calls, one unless the call
    is so short that the clock's own cost would show. ``clock`` says in words what lies between start and stop.
    """

    samples_s: tuple[float, ...]
    pass_sizes: tuple[int, ...]
    iterations: int
    clock: str


@dataclass(frozen=True, slots=True)
class Disturbance:
    """What the system did to this process in a region of code; ``None`` where it does not tell.

    ``cpu_s`` is of all threads, ``steal_s`` what a hypervisor gave to others on all cores. ``involuntary_switches``
    took a core from a thread; faults are pages fetched, major ones from disk; ``collections`` are Python's of garbage,
    ``throttles`` are for heat. ``load_average`` is of the last minute, frequencies of the first core at both ends.
    """

    wall_s: float
    cpu_s: float
    collections: int
    steal_s: float | None
    involuntary_switches: int | None
    major_faults: int | None
    minor_faults: int | None
    throttles: int | None
    load_average: float | None
    least_frequency_hz: float | None
    most_frequency_hz: float | None


@dataclass(frozen=True, slots=True)
class Latency:
    """Seconds per call of a runner.

    ``calls`` has the input and output copies in its clock; ``alone`` is the model call without them, ``None`` where
    the runtime does not let them be told apart. ``reference_s`` is the time of the reference kernel beside each pass
    of ``calls``. ``undisturbed`` says of each sample of ``calls`` whether nothing else worked on its core (empty where
    that was not asked), ``alone_undisturbed`` of each of ``alone``. ``load_s`` (from the file to a runner that can be
    called) and ``first_call_s`` are the cold start, kept apart. ``threads`` is what the runtime was told to use,
    ``None`` where it uses its own pool; ``cores`` are those that the calls were held on, ``None`` where they were free.
    The artifact was loaded ``loads`` times, so that the calls are of as many places in memory.

    ``ended`` says why no more passes were made: ``target`` (the 95% interval of the undisturbed calls' median is
    within ``target`` of it, as a fraction), ``budget`` (passes or time of the profile were spent) or ``interrupted``.
    ``disturbance`` is what the system did to the process in all passes together.
    """

    calls: Series
    alone: Series | None
    reference_s: tuple[float, ...]
    load_s: float | None
    first_call_s: float
    warmup: WarmUp
    threads: int | None
    ended: str
    target: float | None
    cores: tuple[int, ...] | None = None
    loads: int = 1
    disturbance: Disturbance | None = None
    undisturbed: tuple[bool, ...] = ()
    alone_undisturbed: tuple[bool, ...] = ()


@dataclass(frozen=True, slots=True)
class Training:
    """Seconds per epoch in steady state, in order.

    ``first_step_s`` is the first step, with tracing and compilation; it is not part of any epoch.
    ``weights_sha256`` names the trained weights, so that two runs of one seed can be compared.
    """

    epoch_s: tuple[float, ...]
    first_step_s: float
    samples_per_epoch: int
    batch_size: int
    seed: int
    weights_sha256: str


@dataclass(frozen=True, slots=True)
class Accuracy:
    """For each image of the validation set, in its fixed order, whether the prediction was right."""

    correct: tuple[bool, ...]


@dataclass(frozen=True, slots=True)
class Size:
    """Bytes of the artifact's file or files on disk, and of the same bytes compressed with gzip at level 6."""

    disk_bytes: int
    gzip_bytes: int


@dataclass(frozen=True, slots=True)
class Sparsity:
    """Zeros among the kernels (weights of two or more dimensions) of the exported artifact, counted in it."""

    zeros: int
    total: int


@dataclass(frozen=True, slots=True)
class Agreement:
    """The artifact's outputs beside those of the Keras model it was exported from, on the same real images.

    ``max_abs_difference`` is the largest difference of a class probability (0..1); ``agreeing`` of
    ``total`` images have the same predicted class.
    """

    max_abs_difference: float
    agreeing: int
    total: int


@dataclass(frozen=True, slots=True)
class Loading:
    """Seconds from the artifact's file to its first result, one value a load, in order."""

    samples_s: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Artifact:
    """The exported artifact that was measured: which bytes."""

    sha256: str
