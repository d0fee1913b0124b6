"""A site as its pages see it: what was selected, with the links and labels of everything in it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from lab4.analysis.site.changes import SiteChange, by_cell
from lab4.analysis.site.latest_gate import LatestGate
from lab4.analysis.site.names import file_names
from lab4.analysis.site.selection import AXES, Named, Selection, SiteCell, SiteMachine, SiteRun
from lab4.analysis.tables import KINDS, Kind
from lab4.domain.identity import utc
from lab4.domain.text import counted, printable
from lab4.report.gate.words import amount, signed
from lab4.report.site.blocks import Filter, Linked

_REVISION_DIGITS = 12
_AXIS_LABELS = dict(zip(AXES, ("Model", "Technique", "Format", "Device", "Machine"), strict=True))


@dataclass(frozen=True)
class SiteView:
    """All that pages are made from; ``reports`` are the numbers of the runs that have a report."""

    name: str
    found: Selection
    changes: Sequence[SiteChange]
    gates: Sequence[LatestGate]
    reports: frozenset[int] = frozenset()
    cells: Mapping[str, SiteCell] = field(init=False)
    machines: Mapping[str, SiteMachine] = field(init=False)
    by_cell: Mapping[str, list[SiteChange]] = field(init=False)
    _files: Mapping[str, Mapping[str, str]] = field(init=False)

    def __post_init__(self) -> None:
        found = self.found
        files = {
            "cell": file_names(each.key for each in found.cells),
            "machine": file_names(each.key for each in found.machines),
            "model": file_names(each.name for each in found.models),
        }
        derived = {
            "cells": {each.key: each for each in found.cells},
            "machines": {each.key: each for each in found.machines},
            "by_cell": by_cell(self.changes),
            "_files": files,
        }
        for name, value in derived.items():
            object.__setattr__(self, name, value)

    def path(self, kind: str, key: str) -> str:
        """The page of a cell, a machine or a model."""
        return f"{kind}/{self._files[kind][key]}.html"

    def cell_link(self, cell: SiteCell) -> Linked:
        """A cell with its kind, and its page."""
        return f"{cell.label} ({cell.kind})", self.path("cell", cell.key)

    def machine_link(self, machine: SiteMachine) -> Linked:
        """A machine and its page."""
        return machine.label, self.path("machine", machine.key)

    def model_link(self, model: Named) -> Linked:
        """A model and its page."""
        return model.label if model.name else "Benchmarks of pytest-benchmark", self.path("model", model.name)

    def label(self, figure: str) -> str:
        """A figure as people call it."""
        return self.found.figures[figure].label

    def kind(self, figure: str) -> Kind:
        """The kind of a figure's values."""
        return KINDS.get(self.quantity(figure), "ratio")

    def quantity(self, figure: str) -> str:
        """What a figure counts."""
        return self.found.figures[figure].quantity

    def amount(self, value: float | None, figure: str) -> str:
        """A figure with its unit; a dash without one."""
        return amount(value, self.quantity(figure))

    def change(self, change: SiteChange) -> str:
        """By how much a figure changed."""
        return f"{signed(change.change, self.quantity(change.figure))}{'' if change.step else ' per week'}"

    def last_step(self, cell: SiteCell, machine: str) -> SiteChange | None:
        """The newest step of a cell's main figure on a machine."""
        own = self.by_cell.get(cell.key, ())
        return next((each for each in own if each.step and (each.figure, each.machine) == (cell.main, machine)), None)

    def filters(self, cells: Iterable[SiteCell], axes: Sequence[str] = AXES) -> tuple[Filter, ...]:
        """What cells can be filtered by, and words; an axis with one value is left out."""
        chosen = list(cells)
        values = {axis: _distinct(each.axes[axis] for each in chosen) for axis in axes if axis in AXES[:-1]}
        if AXES[-1] in axes:
            values[AXES[-1]] = tuple(Named(each.key, each.label) for each in self.found.machines)
        named = (Filter(axis, _AXIS_LABELS[axis], found) for axis, found in values.items() if len(found) > 1)
        return (*named, SEARCH)


#: The field for words that rows must have.
SEARCH = Filter("q", "Words", ())


def _distinct(values: Iterable[Named]) -> tuple[Named, ...]:
    """Values of one name once; a name that records label in two ways has the last label."""
    return tuple({each.name: each for each in values}.values())


def many(number: int, noun: str) -> str:
    """So many of something, with separators of thousands."""
    return counted(number, noun).replace(str(number), f"{number:,}", 1)


def when(run: SiteRun) -> str:
    """The start of a run in UTC, to the minute."""
    return shown_time(run.moment)


def shown_time(moment: str) -> str:
    """An ISO 8601 time with a zone, in UTC, to the minute."""
    return utc(moment).strftime("%Y-%m-%d %H:%M")


def revision_of(run: SiteRun) -> str:
    """The revision that a run measured, as people quote it."""
    commit = run.figures.commit
    if commit.revision is None:
        return "unknown"
    return f"{printable(commit.revision[:_REVISION_DIGITS])}{' + changes' if commit.dirty else ''}"
