"""What a run says about itself: machine, settings, dataset, plan; in run files and journals."""

from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, PlainSerializer

from lab4.domain.catalogue import Catalogue
from lab4.domain.cell import Cell
from lab4.domain.earlier_names import current_key
from lab4.domain.errors import Lab4Error
from lab4.history.fields import Bytes, Count, Positive, Record, Seconds, Some, Text, Timestamp, Whole
from lab4.history.plain_catalogue import catalogue_from_plain, catalogue_to_plain
from lab4.history.schema import MeasurementRecord

__all__ = [
    "CellKey",
    "CommitRecord",
    "DatasetRecord",
    "GpuRecord",
    "JournalHeader",
    "MachineRecord",
    "PeakRecord",
    "RunSection",
    "SettingsRecord",
]


def _cell_key(key: str) -> str:
    try:
        return Cell.from_key(current_key(key)).key
    except Lab4Error as error:
        raise ValueError(str(error)) from None


CellKey = Annotated[str, AfterValidator(_cell_key)]


class GpuRecord(Record):
    """One GPU; ``memory_bytes`` is 0 where the driver does not tell."""

    name: Text
    driver: Text
    memory_bytes: Bytes


class MachineRecord(Record):
    """A machine and its software; stands in ``machine_info["lab4"]``."""

    node: Text
    cpu: Text
    cpu_flags: Annotated[tuple[Text, ...], Field(strict=False)]
    logical_cores: Count
    physical_cores: Count
    memory_bytes: Bytes
    gpus: Annotated[tuple[GpuRecord, ...], Field(strict=False)]
    os: Text
    python: Text
    libraries: dict[Text, Text]
    threads: dict[Text, Text]


class SettingsRecord(Record):
    """What a run was asked for."""

    profile: Text
    seed: Whole
    epochs: Count
    finetune_epochs: Count
    latency_budget_s: Seconds
    resources: Annotated[tuple[Text, ...], Field(strict=False)] = ()


class DatasetRecord(Record):
    """Which images were used."""

    name: Text
    train_images: Count
    validation_images: Count
    sha256: Text


class PeakRecord(Record):
    """What the machine does at its best: operations or bytes of a repeat, and the seconds of each repeat."""

    kind: Literal["float32", "int8", "memory", "cache"]
    threads: Positive
    work: Count
    samples_s: Some
    how: Text
    device: Text = "cpu"


def _catalogue(plain: object) -> Catalogue:
    return plain if isinstance(plain, Catalogue) else catalogue_from_plain(plain)


#: The traits of everything in the run, in the form of `lab4.domain.catalogue.Catalogue`.
CatalogueRecord = Annotated[Catalogue, BeforeValidator(_catalogue), PlainSerializer(catalogue_to_plain)]


class CommitRecord(Record):
    """What is read of pytest-benchmark's ``commit_info``; all of it may be missing."""

    model_config = ConfigDict(extra="ignore")

    id: Text | None = None
    dirty: bool = False


class _Header(Record):
    schema_version: Literal[3]
    started_at: Timestamp
    lab4_version: Text
    settings: SettingsRecord
    dataset: DatasetRecord
    catalogue: CatalogueRecord
    peaks: Annotated[tuple[PeakRecord, ...], Field(strict=False)] = ()
    planned: Annotated[tuple[CellKey, ...], Field(strict=False, description="cell keys, KIND/ID, in order")]


class JournalHeader(_Header):
    """The first line of a journal."""

    machine: MachineRecord


class RunSection(_Header):
    """The top-level ``lab4`` of a run file; the measured cells stand in ``benchmarks``."""

    complete: bool
    unmeasured: Annotated[tuple[MeasurementRecord, ...], Field(strict=False)]
