"""The record of one cell: what travels in pytest-benchmark's ``extra_info["lab4"]``."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from lab4.domain.cell import Cell
from lab4.domain.errors import Lab4Error
from lab4.history.fields import Bytes, Count, Difference, Record, Seconds, Some, Text, Whole
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
    "SizeRecord",
    "SparsityRecord",
    "TrainingRecord",
    "UnavailableRecord",
]

# History of the format, one line a version; a version is only ever added:
# 1: cells with measured, unavailable or failed outcome; run section with settings, dataset, labels and plan.
SCHEMA_VERSION = 1


class CellRecord(Record):
    """What was measured. ``id`` says the same as the fields after it; ``batch_size`` is images per call."""

    part: str
    id: str
    model: str
    techniques: Annotated[tuple[str, ...], Field(strict=False)]
    device: str
    batch_size: Annotated[int, Field(ge=1)] | None
    format: str

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


class LatencyRecord(Record):
    """Time of single calls; ``threads`` is null where the runtime uses its own pool."""

    samples: PackedTimes
    first_call_s: Seconds
    warmup_calls: Count
    threads: Count | None
    clock: Text


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

    schema_version: Literal[1]
    cell: CellRecord
    outcome: Annotated[MeasuredRecord | UnavailableRecord | FailedRecord, Field(discriminator="kind")]
