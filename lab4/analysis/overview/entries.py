"""What was run: a table of traits for each kind of entry."""

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from typing import TypeVar

from lab4.analysis.measures import promise_text
from lab4.analysis.observations import Observations
from lab4.analysis.tables import Column, Row, Table, Text
from lab4.domain.catalogue import (
    DeviceTraits,
    FormatTraits,
    MetricTraits,
    MissingTraitError,
    ModelTraits,
    RuntimeTraits,
    TechniqueTraits,
)
from lab4.domain.cell import Cell

__all__ = ["entry_tables"]

T = TypeVar("T", ModelTraits, TechniqueTraits, FormatTraits, RuntimeTraits, DeviceTraits, MetricTraits)
_NOT_DECLARED = "not declared"


def entry_tables(found: Observations) -> tuple[Table, ...]:
    """A table for each kind of entry that the cells of the runs have, in the order of the runs."""
    catalogue, cells = found.catalogue, [each.cell for each in found.by_key.values()]
    techniques = (name for cell in cells for name in cell.techniques)
    tables = (
        _table("models", "Models", map(catalogue.model, _each(cell.model for cell in cells)), _MODEL),
        _table("techniques", "Techniques", map(catalogue.technique, _each(techniques)), _TECHNIQUE),
        _table("formats", "Formats", map(catalogue.format, _each(cell.format for cell in cells)), _FORMAT),
        _table("runtimes", "Runtimes", map(catalogue.runtime, _each(_runtimes(found, cells))), _RUNTIME),
        _table("devices", "Devices", map(catalogue.device, _each(cell.device for cell in cells)), _DEVICE),
        _table("metrics", "Metrics", catalogue.metrics.values(), _METRIC),
    )
    return tuple(table for table in tables if table.rows)


def _each(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(names))


def _runtimes(found: Observations, cells: Iterable[Cell]) -> Iterable[str]:
    """The runtimes of the cells; the table of formats shows which format declares none."""
    for cell in cells:
        with suppress(MissingTraitError):
            yield found.catalogue.runtime_of(cell)


def _table(key: str, title: str, entries: Iterable[T], traits: dict[str, Callable[[T], object]]) -> Table:
    """A row for each entry: its label, its name and its traits."""
    headings = (title.removesuffix("s"), "Name", *traits)
    columns = tuple(Column(heading.lower().replace(" ", "_"), heading, "text") for heading in headings)
    rows = tuple(_row(entry, tuple(traits.values())) for entry in entries)
    return Table(key, title, columns, rows, printed=False)


def _row(entry: T, traits: Sequence[Callable[[T], object]]) -> Row:
    values = (entry.label, entry.name, *(trait(entry) for trait in traits))
    return Row(entry.name, entry.label, tuple(map(_text, values)))


def _text(trait: object) -> Text:
    """A trait as people read it."""
    if trait is None or trait == ():
        return Text(_NOT_DECLARED)
    if isinstance(trait, bool):
        return Text("yes" if trait else "no")
    return Text(", ".join(map(str, trait)) if isinstance(trait, tuple) else str(trait))


_MODEL: dict[str, Callable[[ModelTraits], object]] = {
    "Task": lambda each: each.task,
    "Architecture": lambda each: each.architecture,
    "Original format": lambda each: each.original_format,
}
_TECHNIQUE: dict[str, Callable[[TechniqueTraits], object]] = {
    "Kind": lambda each: each.kind,
    "Promises": lambda each: "; ".join(map(promise_text, each.promises)) or "none",
    "Preserves": lambda each: each.preserves or "none",
}
_FORMAT: dict[str, Callable[[FormatTraits], object]] = {
    "Container": lambda each: each.container,
    "Precision": lambda each: each.precision,
    "Arithmetic": lambda each: each.arithmetic,
    "Runtimes": lambda each: each.runtimes,
    "Targets": lambda each: each.targets,
}
_RUNTIME: dict[str, Callable[[RuntimeTraits], object]] = {
    "Host": lambda each: each.host,
    "Native": lambda each: each.is_native,
    "Devices": lambda each: each.devices,
}
_DEVICE: dict[str, Callable[[DeviceTraits], object]] = {
    "Kind": lambda each: each.kind,
    "Vendor": lambda each: each.vendor,
    "Host": lambda each: each.is_host,
}
_METRIC: dict[str, Callable[[MetricTraits], object]] = {
    "Unit": lambda each: each.unit,
    "Higher is better": lambda each: each.higher_is_better,
    "Tolerance": lambda each: each.tolerance,
    "Per example": lambda each: each.is_per_example,
}
