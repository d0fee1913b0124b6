"""Charts as Vega-Lite specifications: one specification for the page that draws it and for what is printed.

https://vega.github.io/vega-lite/docs/. Figures are in the units that people read. Nothing is drawn here.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import ceil, floor, log10
from typing import Any, Literal

from lab4.analysis.document import Axis, Chart, Fact, Layer, Mark
from lab4.analysis.tables import Quantity, Text
from lab4.domain.text import printable
from lab4.report.units import scaled, unit, words

Specification = dict[str, Any]
#: On a page colours are those of its style sheet, so that it can be dark.
Theme = Literal["page", "paper"]
_Name = Literal["x", "y"]

SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
#: Alike in lightness, readable on white and on black, and distinct for people who are colour-blind.
COLOURS = (
    "#3579b8",
    "#d06a1b",
    "#1e9a73",
    "#b8639b",
    "#8a7a14",
    "#4d9fd6",
    "#7d6bc4",
    "#a5583f",
    "#6d7683",
    "#c14f63",
)
_SHAPES = ("circle", "square", "triangle-up", "diamond", "cross", "triangle-down", "triangle-right", "triangle-left")
_DASHES = ([1, 0], [6, 3], [2, 3], [8, 3, 2, 3])
#: Pixels: a chart's height by theme, a row's of names, and of each group within a row.
HEIGHTS: Mapping[Theme, int] = {"page": 280, "paper": 150}
_ROWS: Mapping[Theme, int] = {"page": 22, "paper": 18}
_GROUP_ROW = 12
_LONGEST_NAME = 200
#: A legend's width, a letter's, and what a symbol needs with the gaps around it: pixels.
_LEGEND, _LETTER, _SYMBOL, _MOST_COLUMNS = 320, 6, 32, 4
_FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"
#: A logarithmic axis goes this share of its length beyond its figures, and further where labels follow points.
_BEYOND, _BEYOND_LABELS = 0.06, 0.2
#: In decades.
_SHORTEST = 0.4
#: Ticks of a logarithmic axis within a decade, by how many decades it may have at most.
_TICKS: tuple[tuple[float, tuple[int, ...]], ...] = ((1.6, (1, 2, 5)), (2.5, (1, 3)), (float("inf"), (1,)))
_MOST_TICKS = 8
#: Either way from 1: a float has no more.
_MOST_DECADES = 307
#: d3-format: all digits, without trailing zeros or exponents.
NUMBERS = ",~f"

#: How the marks of each shape are drawn; ranges are drawn by their spreads alone.
_DRAWN: Mapping[str, Specification] = {
    "bar": {"type": "bar"},
    "point": {"type": "point", "filled": True, "size": 60, "opacity": 1},
    "line": {"type": "line", "strokeWidth": 1.5},
    "step": {"type": "line", "interpolate": "step-after", "strokeWidth": 1, "strokeDash": [4, 3]},
    "level": {"type": "rule", "strokeDash": [6, 4]},
    "moment": {"type": "rule", "strokeDash": [2, 3]},
}


def specification(chart: Chart, theme: Theme = "page", width: int | None = None) -> Specification:
    """The specification of a chart, as wide as the page has room, or so many pixels."""
    rows = len(_names(mark.y.text for mark in chart.marks if isinstance(mark.y, Text)))
    groups = len(_names(mark.group for mark in chart.marks))
    layers = [each for layer in chart.layers if layer.marks for each in _layer(chart, layer)]
    return {
        "$schema": SCHEMA,
        "description": printable(f"{chart.title}. {chart.note}"),
        "width": "container" if width is None else width,
        # Not a height by row: then Vega-Lite would not fit the width to the page.
        "height": rows * max(_ROWS[theme], _GROUP_ROW * groups + 6) if rows else HEIGHTS[theme],
        "autosize": {"type": "fit-x", "contains": "padding"},
        "layer": [*_origins(chart), *layers],
        "config": configuration(theme, has_room=_legend_pixels(chart) <= _LEGEND),
    }


def _legend_pixels(chart: Chart) -> int:
    """How wide the chart's legends are next to each other."""
    lines, points = (
        _names(mark.variety for layer in chart.layers if layer.shape == shape for mark in layer.marks)
        for shape in ("line", "point")
    )
    shown = [names for names in (_names(mark.group for mark in chart.marks), lines, points) if len(names) > 1]
    return sum(_LETTER * len(name) + _SYMBOL for names in shown for name in names)


def _layer(chart: Chart, layer: Layer) -> Iterator[Specification]:
    """The spreads of the layer's marks, the marks, and their labels."""
    if layer.shape in {"point", "range"}:
        yield from _spreads(chart, layer)
    if layer.shape != "range":
        yield _view(chart, layer.marks, _DRAWN[layer.shape], _encoding(chart, layer))
    labelled = [mark for mark in layer.marks if mark.label]
    if labelled:
        encoding = {name: _place(chart, name) for name in _places(layer)} | {"text": {"field": "label"}}
        # Below its point: the roof that it may come near is above.
        drawn = {"type": "text", "align": "left", "baseline": "top", "dx": 4, "dy": 3}
        yield _view(chart, labelled, drawn, encoding)


def _view(chart: Chart, marks: Sequence[Mark], drawn: Specification, encoding: Specification) -> Specification:
    names = _fact_names(chart, marks)
    rows = [_row(chart, mark, number, names) for number, mark in enumerate(marks)]
    return {"data": {"values": rows}, "mark": dict(drawn), "encoding": encoding}


def _spreads(chart: Chart, layer: Layer) -> Iterator[Specification]:
    """A line from the low to the high end of each mark, along each axis on which it has them."""
    drawn = {"type": "rule", "strokeWidth": 1 if layer.shape == "range" else 2.5, "opacity": 0.6}
    for name in ("x", "y"):
        marks = [mark for mark in layer.marks if _has_spread(getattr(mark, name))]
        if marks:
            encoding = _encoding(chart, Layer("range", tuple(marks)))
            encoding[name] |= {"field": f"{name}_low"}
            encoding[f"{name}2"] = {"field": f"{name}_high"}
            yield _view(chart, marks, drawn, encoding)


def _origins(chart: Chart) -> Iterator[Specification]:
    """A line across each axis that has an origin."""
    for name, axis in (("x", chart.x), ("y", chart.y)):
        if axis.origin is not None:
            encoding = {name: {"datum": scaled(axis.origin, axis.kind), "type": "quantitative"}}
            yield {"data": {"values": [{}]}, "mark": {"type": "rule", "strokeDash": [2, 2]}, "encoding": encoding}


def _places(layer: Layer) -> tuple[_Name, ...]:
    """The axes on which the layer's marks have a place."""
    alone: dict[str, tuple[_Name, ...]] = {"level": ("y",), "moment": ("x",)}
    return alone.get(layer.shape, ("x", "y"))


def _encoding(chart: Chart, layer: Layer) -> Specification:
    found: Specification = {name: _place(chart, name) for name in _places(layer)}
    found["tooltip"] = [
        {"field": f"fact{number}", "title": axis_title(name), "type": "nominal"}
        for number, name in enumerate(_fact_names(chart, layer.marks))
    ]
    groups = _names(mark.group for mark in chart.marks)
    if any(mark.group for mark in layer.marks):
        found["color"] = channel("group", chart.groups, groups, COLOURS)
        if isinstance(layer.marks[0].y, Text) and len(groups) > 1:
            found["yOffset"] = {"field": "group", "type": "nominal", "scale": {"domain": groups}}
    varieties = _names(mark.variety for each in chart.layers if each.shape == layer.shape for mark in each.marks)
    if varieties and layer.shape == "point":
        found["shape"] = channel("variety", chart.varieties, varieties, _SHAPES)
    if varieties and layer.shape == "line":
        found["strokeDash"] = channel("dash", "Line", varieties, _DASHES)
    if layer.shape in {"line", "step"}:
        found["order"] = {"field": "number", "type": "quantitative"}
    return found


def channel(field: str, title: str, names: Sequence[str], values: Sequence[Any]) -> Specification:
    """A colour, shape or dash for each name, with a legend where there is a title; after as many as there are, anew."""
    shown = [values[number % len(values)] for number in range(len(names))]
    longest = max(map(len, names), default=0)
    columns = max(1, min(_MOST_COLUMNS, _LEGEND // (_LETTER * longest + _SYMBOL)))
    legend = {"title": axis_title(title), "columns": columns} if title and len(names) > 1 else None
    return {"field": field, "type": "nominal", "scale": {"domain": list(names), "range": shown}, "legend": legend}


def _place(chart: Chart, name: _Name) -> Specification:
    axis = _axis(chart, name)
    title = axis_title(f"{axis.name} ({unit(axis.kind)})" if unit(axis.kind) else axis.name) or None
    if axis.kind == "text":
        names = _names(at.text for mark in chart.marks if isinstance(at := getattr(mark, name), Text))
        return {"field": name, "type": "nominal", "title": title, "scale": {"domain": names}}
    ends = [end for mark in chart.marks for end in _ends(getattr(mark, name))]
    # Lengths of bars mean something from zero only; a logarithmic axis has no place for zero.
    scale: Specification = {"zero": any(layer.shape == "bar" for layer in chart.layers)}
    marked: Specification = {"format": NUMBERS, "tickCount": 6, "labelOverlap": True}
    if axis.logarithmic and min(ends, default=0.0) > 0:
        shown = [scaled(end, axis.kind) for end in ends]
        low, high = _domain(shown, name, has_labels=any(mark.label for mark in chart.marks))
        scale = {"type": "log", "domain": [low, high], "nice": False}
        marked["values"] = _counts(shown) if axis.kind == "count" else _ticks(low, high)
    if axis.kind == "count":
        marked["tickMinStep"] = 1
    return {"field": name, "type": "quantitative", "title": title, "scale": scale, "axis": marked}


def _domain(shown: Sequence[float], name: _Name, *, has_labels: bool) -> tuple[float, float]:
    """The ends of a logarithmic axis: labels are below their points and to the right."""
    low, high = log10(min(shown)), log10(max(shown))
    # Short ones are made longer, so that there is a round number on them.
    length, missing = max(high - low, 1.0), max(0.0, _SHORTEST - (high - low)) / 2
    below = _BEYOND_LABELS if has_labels and name == "y" else _BEYOND
    above = _BEYOND_LABELS if has_labels and name == "x" else _BEYOND
    low, high = low - below * length - missing, high + above * length + missing
    return 10.0 ** max(low, -_MOST_DECADES), 10.0 ** min(high, _MOST_DECADES)


def _counts(shown: Sequence[float]) -> list[float]:
    """The counts themselves where they are few, or their ends."""
    counts = sorted(set(shown))
    return counts if len(counts) <= _MOST_TICKS else [counts[0], counts[-1]]


def _ticks(low: float, high: float) -> list[float]:
    """Round numbers from ``low`` to ``high``, as many within a decade, or in so many decades, as there is room for."""
    length = log10(high) - log10(low)
    within, every = next(steps for most, steps in _TICKS if length <= most), max(1, ceil(length / _MOST_TICKS))
    decades = range(floor(log10(low)), min(ceil(log10(high)), _MOST_DECADES) + 1)
    powers = [10.0**decade for decade in decades if decade % every == 0]
    return [step * power for power in powers for step in within if low <= step * power <= high]


def _axis(chart: Chart, name: _Name) -> Axis:
    return chart.x if name == "x" else chart.y


def axis_title(text: str) -> str:
    """A title without what ends a string: Vega-Lite writes titles into expressions as they are."""
    return printable(text).replace("\\", "/").replace('"', "'")


def _row(chart: Chart, mark: Mark, number: int, names: Sequence[str]) -> Specification:
    """The mark as a row of data; what people read are facts, by number, since a field's name may not be any text."""
    found: Specification = {"number": number}
    found |= {name: printable(getattr(mark, name)) for name in ("group", "variety", "label")}
    found["dash"] = found["variety"]  # legends of one field would be merged
    for name in ("x", "y"):
        at, kind = getattr(mark, name), _axis(chart, name).kind
        if isinstance(at, Text):
            found[name] = printable(at.text)
        else:
            low, middle, high = (scaled(end, kind) for end in _ends(at))
            found |= {name: middle, f"{name}_low": low, f"{name}_high": high}
    facts = {fact.name: words(fact.value, fact.kind, with_unit=True) for fact in _facts(chart, mark)}
    return found | {f"fact{at}": printable(facts.get(name, "")) for at, name in enumerate(names)}


def _fact_names(chart: Chart, marks: Sequence[Mark]) -> list[str]:
    """What is known of any of the marks, in order."""
    return list(dict.fromkeys(fact.name for mark in marks for fact in _facts(chart, mark)))


def _facts(chart: Chart, mark: Mark) -> list[Fact]:
    """What is shown of a mark at which one points: its name, its figures, and what else is known."""
    axes = ((chart.x, mark.x), (chart.y, mark.y))
    figures = [Fact(axis.name, at, axis.kind) for axis, at in axes if isinstance(at, Quantity)]
    return [Fact("Name", Text(mark.name)), *figures, *mark.facts]


def _names(texts: Iterable[str]) -> list[str]:
    """The texts that are not empty, each once."""
    return list(dict.fromkeys(printable(text) for text in texts if text))


def _has_spread(at: Quantity | Text) -> bool:
    return isinstance(at, Quantity) and at.low is not None and at.high is not None


def _ends(at: Quantity | Text) -> tuple[float, ...]:
    """The low end, the figure and the high end; the figure itself where there is no spread."""
    if isinstance(at, Text):
        return ()
    low, high = (at.value if end is None else end for end in (at.low, at.high))
    return low, at.value, high


def configuration(theme: Theme, *, has_room: bool = False) -> Specification:
    """The looks of every chart: fonts, axes and legends, in the colours of the theme.

    Legends are next to each other where there ``has_room``.
    """
    ink, soft, line = "currentColor", "var(--soft)", "var(--line)"
    if theme == "paper":
        ink, soft, line = "#1c2430", "#566072", "#d6dbe3"
    texts = {"labelColor": ink, "titleColor": ink, "labelFontSize": 11, "titleFontSize": 11, "titleFontWeight": 600}
    axis = {"gridColor": line, "domainColor": soft, "tickColor": soft, "labelLimit": _LONGEST_NAME, "gridOpacity": 0.6}
    return {
        "background": None,
        "font": _FONT,
        "view": {"stroke": None},
        "axis": {**axis, **texts},
        "legend": {
            **texts,
            "orient": "bottom",
            "offset": 6,
            "labelLimit": _LONGEST_NAME,
            "symbolStrokeWidth": 2,
            "symbolOpacity": 1,
            "symbolBaseFillColor": ink,
            "symbolBaseStrokeColor": ink,
            # Long ones next to each other would be wider than a phone or half a page.
            "layout": {
                "bottom": {"direction": "horizontal" if has_room else "vertical", "anchor": "start", "margin": 4}
            },
        },
        "mark": {"color": COLOURS[0]},
        "rule": {"color": soft},
        "text": {"color": ink, "fontSize": 10},
    }
