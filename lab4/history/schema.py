"""The record of one cell: what travels in pytest-benchmark's ``extra_info["lab4"]``."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from lab4.domain.cell import MOST, Cell
from lab4.domain.errors import Lab4Error
from lab4.history.fields import Bytes, Count, Difference, Positive, Record, Seconds, Some, Text, Whole
from lab4.history.resource_schema import CountedRecord, DisturbanceRecord, EnergyRecord, PeakMemoryRecord, WorkRecord
from lab4.history.samples import MAX_COUNT

__all__ = [
    "SCHEMA_VERSION",
    "AccuracyRecord",
    "AgreementRecord",
    "ArtifactRecord",
    "CellRecord",
    "FailedRecord",
    "LatencyRecord",
    "LoadingRecord",
    "MeasuredRecord",
    "MeasurementRecord",
    "PackedBits",
    "PackedTimes",
    "SeriesRecord",
    "SizeRecord",
    "SparsityRecord",
    "TrainingRecord",
    "UnavailableRecord",
    "WarmUpRecord",
]

# History of the format, one line a version; a version is only ever added:
# 1: cells with measured, unavailable or failed outcome; run section with settings, dataset, labels and plan.
# 2: latency in passes, with and without copies, with warm-up, reference kernel and reason for its end; threads in the
#    cell; what a cell takes beside time (memory, energy, counters, work), what disturbed it, and the machine's peaks.
# 3: kinds of cells instead of parts of the worksheet, each artifact examined once; runtimes; the catalogue of traits.
SCHEMA_VERSION = 3


class CellRecord(Record):
    """What was measured. ``id`` says the same as the fields after it; ``batch_size`` is images per call.

    ``threads`` are those of an inference call; ``runtime`` is empty for the format's usual one.
    """

    kind: str
    id: str
    model: str
    techniques: Annotated[tuple[str, ...], Field(strict=False)]
    device: str
    batch_size: Annotated[int, Field(ge=1, le=MOST)] | None
    format: str
    threads: Annotated[int, Field(ge=1, le=MOST)] = 1
    runtime: str = ""

    @model_validator(mode="after")
    def _agrees_with_itself(self) -> "CellRecord":
        try:
            cell = Cell(**self.model_dump(exclude={"id"}))
        except Lab4Error as error:
            raise ValueError(str(error)) from None
        if cell.id != self.id:
            raise ValueError(f"id {self.id!r} contradicts the fields, which say {cell.id!r}")
        return self


class PackedTimes(Record):
    """Times in order, packed: ``count`` little-endian unsigned 64-bit whole nanoseconds, zlib, base64."""

    encoding: Literal["base64(zlib(uint64le ns))"]
    count: Annotated[int, Field(ge=1, le=MAX_COUNT)]
    data: str


class PackedBits(Record):
    """Truth values in order, packed: the first in the highest bit of the first byte, base64."""

    encoding: Literal["base64(bits msb first)"]
    count: Annotated[int, Field(ge=0, le=MAX_COUNT)]
    data: str


class SeriesRecord(Record):
    """Time of calls taken in passes: how many samples each pass has, and how many calls each sample is the mean of."""

    samples: PackedTimes
    pass_sizes: Annotated[tuple[Count, ...], Field(strict=False, min_length=1)]
    iterations: Annotated[int, Field(ge=1, le=10**9)]
    clock: Text

    @model_validator(mode="after")
    def _counts_agree(self) -> "SeriesRecord":
        if sum(self.pass_sizes) != self.samples.count:
            raise ValueError(f"passes of {sum(self.pass_sizes)} samples together hold {self.samples.count}")
        return self


class WarmUpRecord(Record):
    """Calls before the first sample; ``steady`` is null where it was not asked."""

    calls: Count
    seconds: Seconds | None
    steady: bool | None


class LatencyRecord(Record):
    """Time of calls with their copies, and of the model alone; ``threads`` is null where the runtime uses its own pool.

    ``reference_s`` is the reference kernel's time beside each pass, ``undisturbed`` whether nothing else worked
    on the core while a sample was taken, ``alone_undisturbed`` the same of the model alone; ``target`` the precision
    asked for, a fraction.
    ``cores`` are those that the calls were held on, null where they were free.
    """

    calls: SeriesRecord
    alone: SeriesRecord | None
    reference_s: Annotated[tuple[Seconds, ...], Field(strict=False)]
    load_s: Seconds | None
    first_call_s: Seconds
    warmup: WarmUpRecord
    threads: Count | None
    ended: Literal["target", "budget", "interrupted"]
    target: Difference | None
    cores: Annotated[tuple[Count, ...], Field(strict=False, min_length=1)] | None = None
    loads: Positive = 1
    disturbance: DisturbanceRecord | None = None
    undisturbed: PackedBits | None = None
    alone_undisturbed: PackedBits | None = None

    @model_validator(mode="after")
    def _counts_agree(self) -> "LatencyRecord":
        for told, series in ((self.undisturbed, self.calls), (self.alone_undisturbed, self.alone)):
            count = 0 if series is None else series.samples.count
            if told is not None and told.count != count:
                raise ValueError(f"{told.count} samples told of {count}")
        return self


class TrainingRecord(Record):
    """Time of epochs in steady state; the first step, with compilation, is apart."""

    epoch_s: Some
    first_step_s: Seconds
    samples_per_epoch: Count
    batch_size: Count
    seed: Whole
    weights_sha256: Text


class AccuracyRecord(Record):
    """For each validation image, in order, whether the prediction was right."""

    correct: PackedBits


class SizeRecord(Record):
    """The artifact on disk, and compressed with gzip at its default level, 6."""

    disk_bytes: Bytes
    gzip_bytes: Bytes


class SparsityRecord(Record):
    """Zeros among the kernels of the exported artifact."""

    zeros: Count
    total: Count

    @model_validator(mode="after")
    def _counts_agree(self) -> "SparsityRecord":
        if self.zeros > self.total:
            raise ValueError(f"{self.zeros} zeros among {self.total} weights")
        return self


class AgreementRecord(Record):
    """The artifact's outputs beside its Keras model's; the difference is of class probabilities."""

    max_abs_difference: Difference
    agreeing: Count
    total: Count

    @model_validator(mode="after")
    def _counts_agree(self) -> "AgreementRecord":
        if self.agreeing > self.total:
            raise ValueError(f"{self.agreeing} agreeing of {self.total} images")
        return self


class LoadingRecord(Record):
    """Time from the artifact's file to its first result, one value a load."""

    samples_s: Some


class ArtifactRecord(Record):
    """Which bytes were measured."""

    sha256: Text


class MeasuredRecord(Record):
    """What was observed; a part that the cell does not measure is left out."""

    kind: Literal["measured"]
    latency: LatencyRecord | None = None
    training: TrainingRecord | None = None
    accuracy: AccuracyRecord | None = None
    size: SizeRecord | None = None
    sparsity: SparsityRecord | None = None
    agreement: AgreementRecord | None = None
    loading: LoadingRecord | None = None
    artifact: ArtifactRecord | None = None
    memory: PeakMemoryRecord | None = None
    work: WorkRecord | None = None
    energy: EnergyRecord | None = None
    counters: CountedRecord | None = None
    missing: Annotated[dict[Text, Text], Field(default_factory=dict, description="why a figure is not there, by name")]


class UnavailableRecord(Record):
    """Not measurable on this machine or in this run."""

    kind: Literal["unavailable"]
    reason: Text


class FailedRecord(Record):
    """Tried, and went wrong."""

    kind: Literal["failed"]
    reason: Text


class MeasurementRecord(Record):
    """A cell and how its measurement ended."""

    schema_version: Literal[3]
    cell: CellRecord
    outcome: Annotated[MeasuredRecord | UnavailableRecord | FailedRecord, Field(discriminator="kind")]
