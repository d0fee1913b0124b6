"""One session of measuring on one machine."""

from dataclasses import dataclass, field

from lab4.domain.catalogue import Catalogue
from lab4.domain.fields import Count, Flag, Seconds, Whole, Words
from lab4.domain.machine import Machine
from lab4.domain.observed import Peak
from lab4.domain.outcome import Measurement, is_cut_short


@dataclass(frozen=True, slots=True)
class DatasetInfo:
    """Which images were used: a name, how many for training and validation, and a digest of them."""

    name: Words
    train_images: Count
    validation_images: Count
    sha256: Words


@dataclass(frozen=True, slots=True)
class Settings:
    """What a run was asked for: the profile and what it means; ``resources`` are measured in addition to time."""

    profile: Words
    seed: Whole
    epochs: Count
    finetune_epochs: Count
    latency_budget_s: Seconds
    resources: tuple[Words, ...] = ()


@dataclass(frozen=True, slots=True)
class Commit:
    """The revision of the code under measurement, from git; ``None`` outside a repository."""

    revision: Words | None
    dirty: Flag


@dataclass(frozen=True, slots=True)
class Run:
    """A run file, read.

    ``measurements`` holds one entry for every planned cell, in the order of the run, whatever its
    outcome. ``catalogue`` has the traits of everything in the run, so that reading needs no registry.
    ``started_at`` is ISO 8601 with a time zone. ``complete`` is false for a run that was interrupted.
    ``source`` is the file it was read from. ``peaks`` is what the machine does at its best, none where no run of
    inference cells asked.
    """

    started_at: str
    lab4_version: str
    settings: Settings
    dataset: DatasetInfo
    machine: Machine
    commit: Commit
    catalogue: Catalogue
    measurements: tuple[Measurement, ...]
    complete: bool
    source: str = field(default="", compare=False)
    peaks: tuple[Peak, ...] = ()

    @property
    def ended_cells(self) -> int:
        """How many cells were not interrupted."""
        return sum(not is_cut_short(each.outcome) for each in self.measurements)
