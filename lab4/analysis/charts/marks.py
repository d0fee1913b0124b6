"""What the charts have in common: groups of observations, names, and facts for whoever points at a mark."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TypeVar

from lab4.analysis.document import Chart, Fact
from lab4.analysis.figures import MEDIAN_INTERVAL
from lab4.analysis.observations import Observation, Observations
from lab4.analysis.tables import Quantity, RunSource, Text
from lab4.domain.cell import Cell

T = TypeVar("T")

#: What the marks of an unmodified model are called where others are of techniques.
ORIGINAL = "original"
#: A chart of one thing compares nothing.
_LEAST = 2


def grouped(items: Iterable[T], key: Callable[[T], object]) -> list[list[T]]:
    """The items in groups of one key, in the order in which the keys are first met."""
    groups: dict[object, list[T]] = {}
    for item in items:
        groups.setdefault(key(item), []).append(item)
    return list(groups.values())


def comparing(charts: Iterable[Chart]) -> tuple[Chart, ...]:
    """The charts of at least two things, without legends that have one entry only."""
    several = (chart for chart in charts if len({mark.name for mark in chart.marks}) >= _LEAST)
    return tuple(map(_without_lone_legends, several))


def _without_lone_legends(chart: Chart) -> Chart:
    groups, varieties = ({getattr(mark, name) for mark in chart.marks} for name in ("group", "variety"))
    return replace(
        chart,
        groups=chart.groups if len(groups) > 1 else "",
        varieties=chart.varieties if len(varieties) > 1 else "",
    )


def techniques_of(observations: Observations, cell: Cell) -> str:
    """The labels of the cell's techniques, in the order in which they were applied."""
    return ", ".join(observations.catalogue.technique(name).label for name in cell.techniques) or ORIGINAL


def artifact_name(observations: Observations, cell: Cell) -> str:
    """A variant in a format, with its batch size where it has one."""
    catalogue = observations.catalogue
    batch = () if cell.batch_size is None else (f"batch {cell.batch_size}",)
    return ", ".join((catalogue.variant_label(cell.variant), catalogue.format_label(cell), *batch))


def place_of(observations: Observations, source: RunSource, device: str, threads: int | None = None) -> str:
    """A device, its threads where they are given and, of several, its machine in words."""
    with_threads = "" if threads is None else f", {'one thread' if threads == 1 else f'{threads} threads'}"
    several = len({each.machine for each in observations.sources}) > 1
    return f"{observations.catalogue.device(device).label}{with_threads}{f' on {source.machine}' if several else ''}"


def fact_of_test(cell: Cell, name: str = "Test") -> Fact:
    """The test that measured the cell."""
    return Fact(name, Text(f"test_{cell.kind}[{cell.id}]"))


def latency_facts(each: Observation) -> tuple[Fact, ...]:
    """Of a latency: how well its median is known, the test, and what its clock contains."""
    if each.latency is None or each.measured is None or each.measured.latency is None:
        return (fact_of_test(each.cell),)
    interval = each.latency.interval
    return (
        Fact(MEDIAN_INTERVAL, Quantity(each.latency.p50_s, interval.low, interval.high), "milliseconds"),
        fact_of_test(each.cell),
        Fact("Clock", Text(each.measured.latency.calls.clock)),
    )
