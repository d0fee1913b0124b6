"""Charts of a site, as Vega-Lite specifications whose rows the page's script takes from a table of the page."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from lab4.analysis.site.changes import SiteChange
from lab4.analysis.site.selection import SiteMachine
from lab4.analysis.tables import Kind
from lab4.domain.text import printable
from lab4.report.gate.words import signed
from lab4.report.site.view import shown_time
from lab4.report.units import unit
from lab4.report.vega_lite import COLOURS, HEIGHTS, SCHEMA, Specification, axis_title, channel, configuration

#: From this ratio of the largest value to the smallest on, an axis is logarithmic: machines differ by factors.
_WIDE = 3.0
#: Pixels of a bar's row, and what the axis needs.
_ROW, _AXIS, _PADDING = 26, 40, 8
#: Machines that a legend names; of more each point names its own.
_LEGEND = 12
_DIGITS = 12
#: Vega's own formats have hours of twelve, without their half of the day.
_TIMES = {"days": "%b %d", "date": "%b %d", "month": "%b", "week": "%b %d", "hours": "%H:%M", "minutes": "%H:%M"}
#: Times are texts of UTC; without this they would be read as the reader's own.
_IN_UTC = [{"calculate": "utcParse(datum.when, '%Y-%m-%d %H:%M')", "as": "at"}]
_WHEN = {
    "field": "at",
    "type": "temporal",
    "scale": {"type": "utc"},
    "title": "Started (UTC)",
    "axis": {"format": _TIMES, "labelOverlap": True},
}
_THREE_DIGITS = ",.3~r"


def over_time(  # noqa: PLR0913  # what is drawn, on which axis, with which marks
    title: str,
    axis: tuple[str, Kind],
    values: Sequence[float],
    machines: Sequence[SiteMachine],
    steps: Sequence[Any],
    *,
    more: Mapping[str, str] = MappingProxyType({}),
) -> Specification:
    """A figure by the start of its run, a line for each machine, with upright lines where it changed.

    ``more`` are further columns of the rows by their keys, which whoever points at a run reads.
    """
    name, kind = axis
    y_title = axis_title(f"{name} ({unit(kind)})" if unit(kind) else name)
    y: Specification = {
        "field": "y",
        "type": "quantitative",
        "title": y_title,
        "scale": {"type": "log", "nice": False, "padding": _PADDING} if is_wide(values) else {"zero": False},
        "axis": {"format": ",~f", "tickCount": 6, "labelOverlap": True},
    }
    title_of_legend = "Machine" if len(machines) <= _LEGEND else ""
    color = channel("machine", title_of_legend, [each.label for each in machines], COLOURS)
    place = {"x": _WHEN, "y": y, "color": color}
    tooltip = [
        {"field": "run", "type": "nominal", "title": "Run"},
        {"field": "machine", "type": "nominal", "title": "Machine"},
        {"field": "y", "type": "quantitative", "format": _THREE_DIGITS, "title": y_title},
        {"field": "when", "type": "nominal", "title": "Started (UTC)"},
        {"field": "revision", "type": "nominal", "title": "Revision"},
        *({"field": key, "type": "nominal", "title": name} for key, name in more.items()),
    ]
    step_tooltip = [
        {"field": "change", "type": "nominal", "title": "Change"},
        {"field": "run", "type": "nominal", "title": "From run"},
        {"field": "machine", "type": "nominal", "title": "Machine"},
        {"field": "revision", "type": "nominal", "title": "Revision"},
        {"field": "cells", "type": "nominal", "title": "Cells"},
    ]
    rows: Specification = {"data": {"name": "rows"}, "transform": _IN_UTC}
    changes = {**rows, "data": {"name": "steps"}}
    rule = {"type": "rule", "strokeDash": [2, 3], "strokeWidth": 1.5}
    label = {"type": "text", "align": "left", "baseline": "top", "dx": 3, "fontSize": 10}
    layers = [
        {**changes, "mark": rule, "encoding": {"x": _WHEN, "color": color, "tooltip": step_tooltip}},
        {**changes, "mark": label, "encoding": {"x": _WHEN, "y": {"value": 0}, "text": {"field": "label"}}},
        {**rows, "mark": {"type": "line", "strokeWidth": 1, "opacity": 0.5}, "encoding": place},
        {
            **rows,
            "mark": {"type": "point", "filled": True, "size": 22, "opacity": 1},
            "encoding": {**place, "tooltip": tooltip},
        },
    ]
    return _whole(title, HEIGHTS["page"], layers, {"rows": [], "steps": list(steps)})


def is_wide(values: Sequence[float]) -> bool:
    """Whether values differ by so large a factor that their axis is logarithmic."""
    return min(values, default=0.0) > 0 and max(values) / min(values) > _WIDE


def step_marks(changes: Sequence[SiteChange], machines: Sequence[SiteMachine], quantity: str) -> list[dict[str, Any]]:
    """The steps among the changes of a figure, as the rows of a chart."""
    labels = {each.key: each.label for each in machines}
    return [
        {
            "when": shown_time(each.step.first.started_at),
            "machine": labels.get(each.machine, each.machine),
            "key": each.machine,
            "run": each.step.first.number,
            "revision": printable((each.step.first.revision or "unknown")[:_DIGITS]),
            "change": f"{signed(each.change, quantity)}, {'worse' if each.worse else 'better'}",
            "label": signed(each.change, quantity),
            "cells": f"{len(each.cells)} of {each.total}, with this median" if each.is_common else "this one",
        }
        for each in changes
        if each.step is not None
    ]


def ratio_bars(title: str, machines: Sequence[SiteMachine]) -> Specification:
    """The median ratio of each machine's levels to those of the chosen machine, in percent."""
    bar = {
        "x": {"field": "percent", "type": "quantitative", "title": "% of the chosen machine", "scale": {"zero": True}},
        "y": {"field": "machine", "type": "nominal", "title": None, "sort": None},
        "tooltip": [
            {"field": "machine", "type": "nominal", "title": "Machine"},
            {"field": "percent", "type": "quantitative", "format": _THREE_DIGITS, "title": "Median, %"},
            {"field": "cells", "type": "quantitative", "title": "Cells that both measured"},
        ],
    }
    rows = {"data": {"name": "rows"}}
    text = {"type": "text", "align": "left", "dx": 4, "fontSize": 11}
    layers = [
        {**rows, "mark": {"type": "bar"}, "encoding": bar},
        {**rows, "mark": text, "encoding": {**bar, "text": {"field": "percent", "format": _THREE_DIGITS}}},
        {
            "data": {"values": [{}]},
            "mark": {"type": "rule", "strokeDash": [4, 3], "aria": False},
            "encoding": {"x": {"datum": 100}},
        },
    ]
    return _whole(title, _ROW * len(machines) + _AXIS, layers, {"rows": []})


def _whole(
    title: str, height: int, layers: Sequence[Specification], datasets: dict[str, list[dict[str, Any]]]
) -> Specification:
    return {
        "$schema": SCHEMA,
        "description": axis_title(title),
        "width": "container",
        "height": height,
        "autosize": {"type": "fit-x", "contains": "padding"},
        "datasets": datasets,
        "layer": list(layers),
        "config": configuration("page"),
    }
