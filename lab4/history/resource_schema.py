"""The record of what a cell takes beside time, and of what disturbed it."""

from lab4.history.fields import Bytes, Count, Difference, Positive, Record, Seconds, Text

__all__ = ["CountedRecord", "DisturbanceRecord", "EnergyRecord", "PeakMemoryRecord", "WorkRecord"]


class DisturbanceRecord(Record):
    """What the system did to the process while it was timed; null where it does not tell."""

    wall_s: Seconds
    cpu_s: Seconds
    collections: Count
    steal_s: Seconds | None
    involuntary_switches: Count | None
    major_faults: Count | None
    minor_faults: Count | None
    throttles: Count | None
    load_average: Difference | None
    least_frequency_hz: Difference | None
    most_frequency_hz: Difference | None


class PeakMemoryRecord(Record):
    """The most memory that loading and calling held beyond what the process held before; ``how`` it was read."""

    bytes: Bytes
    baseline_bytes: Bytes
    how: Text


class WorkRecord(Record):
    """Operations and least bytes moved of one call, counted: a multiply-add is two operations."""

    operations: Count
    bytes: Bytes
    arithmetic: Text


class EnergyRecord(Record):
    """Joules by meter while so many calls ran; of all that the machine did."""

    joules: dict[Text, Difference]
    calls: Positive
    seconds: Seconds


class CountedRecord(Record):
    """Hardware events by name in so many calls."""

    counts: dict[Text, Count]
    calls: Positive
