"""A document as one HTML file that needs nothing else: on a desk, on a phone, on paper."""

from collections.abc import Sequence
from functools import cache
from itertools import groupby
from typing import Any

from jinja2 import Environment
from markupsafe import Markup

from lab4.analysis.document import BarChart, CurveChart, Document, RooflineChart, Treemap
from lab4.report import Renderer, Student
from lab4.report.charts import bar_chart, curve_chart, giga, roofline_chart
from lab4.report.pages import environment
from lab4.report.profiling import treemap_view
from lab4.report.units import ValueView, axis_mark, unit


def render(document: Document, student: Student) -> str:
    """The whole document; every text in it is escaped."""
    return _environment().get_template("document.html.j2").render(document=document, student=student)


def drawn(chart: BarChart | CurveChart | RooflineChart | Treemap) -> Markup:
    """The chart as inline SVG, in a figure with its title."""
    name, given = _drawing(chart)
    return Markup(_environment().get_template(f"{name}.svg.j2").render(given))  # noqa: S704  # the template escapes


def _drawing(chart: BarChart | CurveChart | RooflineChart | Treemap) -> tuple[str, dict[str, Any]]:
    match chart:
        case BarChart():
            return "bars", bar_chart(chart)
        case CurveChart():
            return "curve", curve_chart(chart)
        case RooflineChart():
            return "roofline", roofline_chart(chart)
        case Treemap():  # pragma: no branch  # the union ends here
            return "treemap_figure", {**treemap_view(chart.title, chart.operators), "note": chart.note}


def spans(row: Sequence[ValueView]) -> list[tuple[ValueView, int]]:
    """The values of a row, each with the columns it covers: one reason for adjacent columns is given once."""
    found: list[tuple[ValueView, int]] = []
    for _, group in groupby(row, key=lambda value: (value.text, value.state)):
        values = list(group)
        found += [(values[0], len(values))] if values[0].is_missing else [(value, 1) for value in values]
    return found


@cache
def _environment() -> Environment:
    made = environment(autoescape=True)
    made.filters |= {"axis_mark": axis_mark, "giga": giga, "px": "{:.1f}".format, "unit": unit}
    made.globals |= {"drawn": drawn, "spans": spans}
    return made


HTML = Renderer("html", "html", render)
