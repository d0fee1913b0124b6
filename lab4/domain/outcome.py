"""How the measurement of a cell ended: measured, unavailable or failed, never missing."""

from dataclasses import dataclass, field

from lab4.domain.cell import Cell
from lab4.domain.errors import INTERRUPTED
from lab4.domain.fields import Real, Words
from lab4.domain.observed import (
    Agreement,
    Answers,
    Arena,
    Artifact,
    Counters,
    Energy,
    Latency,
    Loading,
    PeakMemory,
    PerExample,
    Score,
    Size,
    Sparsity,
    Training,
    Work,
)
from lab4.domain.profiled import Profile
from lab4.domain.text import printable


@dataclass(frozen=True, slots=True)
class Measured:
    """What was observed; a part that a cell does not measure is ``None``.

    ``metrics`` are by name. ``verified`` is what was counted in the artifact for its techniques' promises, by property.
    ``missing`` says of ``memory``, ``work``, ``energy``, ``counters``, ``arena``, ``operators`` and
    of metrics why there is none.
    """

    latency: Latency | None = None
    training: Training | None = None
    metrics: dict[Words, PerExample | Score] = field(default_factory=dict)
    verified: dict[Words, Real] = field(default_factory=dict)
    size: Size | None = None
    sparsity: Sparsity | None = None
    agreement: Agreement | None = None
    answers: Answers | None = None
    loading: Loading | None = None
    artifact: Artifact | None = None
    memory: PeakMemory | None = None
    work: Work | None = None
    energy: Energy | None = None
    counters: Counters | None = None
    arena: Arena | None = None
    operators: Profile | None = None
    missing: dict[Words, Words] = field(default_factory=dict)

    @property
    def per_example(self) -> PerExample | None:
        """The first metric that is known example by example, which two artifacts can be compared by."""
        return next((each for each in self.metrics.values() if isinstance(each, PerExample)), None)

    @property
    def iterations(self) -> int:
        """How many calls each of `timing_s` is the mean of."""
        return 1 if self.latency is None else self.latency.calls.iterations

    @property
    def timing_s(self) -> tuple[float, ...]:
        """The samples that pytest-benchmark's own statistics are made of, in seconds; never empty in a run."""
        if self.latency is not None:
            return self.latency.calls.samples_s
        if self.training is not None:
            return self.training.epoch_s
        return () if self.loading is None else self.loading.samples_s


@dataclass(frozen=True, slots=True)
class _Unmeasured:
    reason: Words

    def __post_init__(self) -> None:
        """Take no reason as it is: frameworks and files say anything."""
        object.__setattr__(self, "reason", printable(self.reason))


@dataclass(frozen=True, slots=True)
class Unavailable(_Unmeasured):
    """This machine or this run cannot measure the cell; ``reason`` is a plain, printable phrase for people."""


@dataclass(frozen=True, slots=True)
class Failed(_Unmeasured):
    """The cell was tried and went wrong; ``reason`` is a plain, printable phrase for people."""


Outcome = Measured | Unavailable | Failed


def is_cut_short(outcome: Outcome) -> bool:
    """Whether an interrupt ended the cell, or the run before it: what a resumed run measures again."""
    match outcome:
        case Measured(latency=latency):
            return latency is not None and latency.ended == "interrupted"
        case Unavailable(reason):
            return reason == INTERRUPTED
        case Failed():  # pragma: no branch  # the union ends here
            return False


@dataclass(frozen=True, slots=True)
class Measurement:
    """A cell and how its measurement ended."""

    cell: Cell
    outcome: Outcome
