"""What was observed of a cell, raw and in base units: seconds, bytes, counts.

Nothing here is derived: medians, rates and percentages belong to `lab4.analysis`.
"""

from dataclasses import dataclass, field
from typing import Annotated, Literal

from lab4.domain.fields import (
    AtLeastOne,
    Bytes,
    Count,
    Flag,
    Iterations,
    Number,
    Packed,
    Positive,
    Real,
    Seconds,
    Some,
    Whole,
    Words,
)

#: Why no more rounds were made: the precision was reached, the budget was spent, or an interrupt.
Ending = Literal["target", "budget", "interrupted"]


@dataclass(frozen=True, slots=True)
class WarmUp:
    """What came before the first sample: so many calls in so many seconds.

    ``steady`` says whether calls had stopped becoming faster, by the test of `lab4.sampling.steady`, or the warm-up
    was cut by its time limit. ``None`` where an older record does not have it.
    """

    calls: Count
    seconds: Seconds | None
    steady: Flag | None


@dataclass(frozen=True, slots=True)
class Series:
    """Seconds per call, in the order observed, taken in interleaved rounds.

    ``round_sizes`` count each round's samples; each sample is the mean of ``iterations`` calls, one unless the call
    is so short that the clock's own cost would show. ``clock`` says in words what lies between start and stop.
    """

    samples_s: Annotated[tuple[float, ...], Packed("times")]
    round_sizes: Annotated[tuple[Count, ...], AtLeastOne()]
    iterations: Iterations
    clock: Words

    def __post_init__(self) -> None:
        if sum(self.round_sizes) != len(self.samples_s):
            raise ValueError(f"round_sizes sum to {sum(self.round_sizes)}, but there are {len(self.samples_s)} samples")


@dataclass(frozen=True, slots=True)
class SystemActivity:
    """What the system did to this process in a region of code; ``None`` where it does not report it.

    ``cpu_s`` is of all threads, ``steal_s`` what a hypervisor gave to others on all cores. ``involuntary_switches``
    took a core from a thread; faults are pages fetched, major ones from disk; ``collections`` are Python's of garbage,
    ``throttles`` are for heat. ``load_average`` is of the last minute, frequencies of the first core at both ends.
    """

    wall_s: Seconds
    cpu_s: Seconds
    collections: Count
    steal_s: Seconds | None
    involuntary_switches: Count | None
    major_faults: Count | None
    minor_faults: Count | None
    throttles: Count | None
    load_average: Number | None
    least_frequency_hz: Number | None
    most_frequency_hz: Number | None


@dataclass(frozen=True, slots=True)
class Latency:
    """Seconds per call of a runner.

    ``calls`` has the input and output copies in its clock; ``compute_only`` is the model call without them, ``None``
    where the runtime does not let them be separated. ``probe_s`` is the frequency probe's time in each interleaved
    round of ``calls``. ``uncontended`` says of each sample of ``calls`` whether no co-runner shared its core (empty
    where that was not watched), ``compute_only_uncontended`` of each of ``compute_only``. ``load_s`` (from the file to
    a runner that can be called) and ``first_call_s`` are the cold start, reported separately. ``threads`` is what the
    runtime was set to use, ``None`` where it uses its own pool; ``cores`` are those that the calls were pinned to,
    ``None`` where they were not. The artifact was loaded ``loads`` times, so that its memory lay in as many places.

    ``ended`` says why no more rounds were made: ``target`` (the 95% interval of the uncontended calls' median is
    within ``target`` of it, as a fraction), ``budget`` (rounds or time of the profile were spent) or ``interrupted``.
    ``system_activity`` is what the system did to the process in all rounds together.
    """

    calls: Series
    compute_only: Series | None
    probe_s: tuple[Seconds, ...]
    load_s: Seconds | None
    first_call_s: Seconds
    warmup: WarmUp
    threads: Count | None
    ended: Ending
    target: Number | None
    cores: Annotated[tuple[Count, ...], AtLeastOne()] | None = None
    loads: Positive = 1
    system_activity: SystemActivity | None = None
    uncontended: Annotated[tuple[bool, ...], Packed("bits")] = ()
    compute_only_uncontended: Annotated[tuple[bool, ...], Packed("bits")] = ()

    def __post_init__(self) -> None:
        for flags, series in ((self.uncontended, self.calls), (self.compute_only_uncontended, self.compute_only)):
            count = 0 if series is None else len(series.samples_s)
            if flags and len(flags) != count:
                raise ValueError(f"{len(flags)} samples are flagged, of {count}")


#: What earlier versions trained by, which did not record it.
STEP_LOOP = "a loop of steps on the device"


@dataclass(frozen=True, slots=True)
class Training:
    """Seconds per epoch in steady state, in order.

    ``first_step_s`` is the first step, with tracing and compilation; it is not part of any epoch. Where an epoch is one
    program, it is the first whole epoch. ``weights_sha256`` names the trained weights, so that two runs of one seed can
    be compared. ``program`` is what ran the epochs. Where that was asked to be compiled, ``loop_epoch_s`` are the same
    epochs by the loop of steps, or ``refused`` says why the loop had to run them. ``scores`` are the loss and the
    metrics on the validation set after each epoch, outside of its time; older records have none.
    """

    epoch_s: Some
    first_step_s: Seconds
    samples_per_epoch: Count
    batch_size: Count
    seed: Whole
    weights_sha256: Words
    program: Words = STEP_LOOP
    loop_epoch_s: tuple[Seconds, ...] = ()
    refused: Words = ""
    scores: dict[Words, tuple[Real, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PerExample:
    """A metric that is the share of right predictions: for each example, in the set's fixed order, whether it is."""

    correct: Annotated[tuple[bool, ...], Packed("bits")]

    @property
    def value(self) -> float:
        """The share of right predictions, a fraction."""
        return sum(self.correct) / len(self.correct) if self.correct else 0.0


@dataclass(frozen=True, slots=True)
class Score:
    """A metric of the whole set, in its own unit."""

    value: Real


@dataclass(frozen=True, slots=True)
class Size:
    """Bytes of the artifact's file or files on disk, and of the same bytes compressed with gzip and brotli at level 6.

    ``brotli_bytes`` is ``None`` in older records.
    """

    disk_bytes: Bytes
    gzip_bytes: Bytes
    brotli_bytes: Bytes | None = None


@dataclass(frozen=True, slots=True)
class Sparsity:
    """Zeros among the kernels (weights of two or more dimensions) of the exported artifact, counted in it."""

    zeros: Count
    total: Count

    def __post_init__(self) -> None:
        if self.zeros > self.total:
            raise ValueError(f"{self.zeros} zeros among {self.total} weights")


@dataclass(frozen=True, slots=True)
class Difference:
    """How far an output is from its original's: largest and mean absolute difference, and the cosine of both.

    ``scale`` is the original's largest absolute value; all but the cosine are in the output's own unit.
    """

    max_abs: Number
    mean_abs: Number
    cosine: Real
    scale: Number


@dataclass(frozen=True, slots=True)
class Agreement:
    """The artifact's outputs compared with those of the model that it was made from, on the same examples.

    ``max_abs_difference`` is the largest difference of any value, for class scores a probability (0..1). ``agreeing``
    of ``total`` examples have the same predicted class; there are none where no output is of class scores. ``outputs``
    has the difference of each, by the original's name.
    """

    max_abs_difference: Number
    agreeing: Count
    total: Count
    outputs: dict[Words, Difference] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.agreeing > self.total:
            raise ValueError(f"{self.agreeing} agreeing of {self.total} images")


@dataclass(frozen=True, slots=True)
class KeptOutput:
    """An output's dtype and shape, its largest absolute value, and some of its values (`lab4.measure.answers`).

    Texts and truth values have no ``values``, and a ``scale`` of 1; both are else in the output's own unit.
    """

    dtype: Words
    shape: tuple[Count, ...]
    scale: Number
    values: Annotated[tuple[Real, ...], Packed("floats")] = ()


@dataclass(frozen=True, slots=True)
class Answers:
    """What an artifact returned in its runtime for all examples, so that two machines can be compared.

    ``sha256`` is of the names, dtypes, shapes and bytes of all outputs, ``examples_sha256`` of the same of all inputs.
    Where the outputs are not the same bits, ``rounding`` is how far the format and the device may take a value of an
    output whose scale is 1.
    """

    sha256: Words
    examples_sha256: Words
    rounding: Number
    outputs: dict[Words, KeptOutput]


@dataclass(frozen=True, slots=True)
class Loading:
    """Seconds from the artifact's file to its first result, one value a load, in order.

    ``runtime`` is the name of what loaded it and computed its outputs, empty in older records: the format's usual one.
    """

    samples_s: Some
    runtime: Words = ""


@dataclass(frozen=True, slots=True)
class Artifact:
    """The exported artifact that was measured: which bytes."""

    sha256: Words


PeakKind = Literal["float32", "int8", "memory", "cache"]


@dataclass(frozen=True, slots=True)
class Work:
    """What one call needs by the model's own arithmetic, counted and not measured.

    ``operations`` are arithmetic operations per call, a multiplication with its addition counting as two;
    ``arithmetic`` is their type: ``float32``, ``int8``, or ``int16`` by weights in int8. ``bytes`` is the least that a
    call must read and write: every weight once, and input and output of the model.
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
    """The most memory that work held beyond ``baseline_bytes`` of its process; ``how`` says in words what was read.

    ``garbage`` says whether what a collector has yet to free is part of it: then it differs several times between runs.
    """

    bytes: Bytes
    baseline_bytes: Bytes
    how: Words
    garbage: bool = False


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
