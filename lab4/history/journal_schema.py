"""The lines of a journal after its header: a cell that ended, or a round of a measurement session."""

from typing import Annotated, Any

from pydantic import Field

from lab4.history.fields import Count, Difference, Record, Seconds, Text
from lab4.history.resource_schema import DisturbanceRecord
from lab4.history.run_schema import CellKey
from lab4.history.samples import MAX_COUNT
from lab4.history.schema import AgreementRecord, WarmUpRecord

__all__ = ["BurstRecord", "CellLine", "PackedFloats", "RoundLine", "RoundRecord", "RunnerRecord", "WindowRecord"]

#: The contention probe's time as a multiple of the frequency probe's, by the core's number.
_Ratios = dict[Annotated[str, Field(pattern=r"^(0|[1-9][0-9]{0,5})$")], Difference]


class CellLine(Record):
    """A cell that ended; ``row`` is pytest-benchmark's, without our record in it, if it made one."""

    key: CellKey
    lab4: dict[str, Any]
    row: dict[str, Any] | None


class PackedFloats(Record):
    """Seconds in order, packed: ``count`` little-endian doubles, zlib, base64."""

    count: Annotated[int, Field(ge=0, le=MAX_COUNT)]
    data: str


class BurstRecord(Record):
    """So many samples, and the ratios of the probes before and after them."""

    samples: Count
    before: _Ratios
    after: _Ratios


_Bursts = Annotated[tuple[BurstRecord, ...], Field(strict=False)]


class WindowRecord(Record):
    """One timing window of a cell; see `lab4.domain.rounds.TimingWindow`."""

    samples: PackedFloats
    alone: PackedFloats
    reference_s: Seconds
    bursts: _Bursts
    uncontended: _Ratios
    disturbance: DisturbanceRecord
    fresh: bool
    alone_bursts: _Bursts


class RunnerRecord(Record):
    """A warmed-up runner; see `lab4.domain.rounds.WarmRunner`."""

    load_s: Seconds
    first_call_s: Seconds
    warmup: WarmUpRecord
    agreement: AgreementRecord
    threads: Count | None
    cores: Annotated[tuple[Count, ...], Field(strict=False, min_length=1)] | None
    clock: Text
    alone_clock: Text
    iterations: Annotated[int, Field(ge=1)]
    alone_iterations: Annotated[int, Field(ge=1)]
    artifact: Text


class RoundRecord(Record):
    """One round of a session."""

    number: Annotated[int, Field(ge=1, le=MAX_COUNT)]
    elapsed_s: Seconds
    windows: dict[CellKey, WindowRecord]
    runners: dict[CellKey, RunnerRecord]


class RoundLine(Record):
    """A round that ended."""

    round: RoundRecord
