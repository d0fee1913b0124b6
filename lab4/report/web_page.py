"""A document as one HTML file that needs nothing else: on a desk, on a phone, on paper."""

from functools import cache
from itertools import groupby

from jinja2 import Template
from markupsafe import Markup

from lab4.analysis.document import BarChart, Document, RooflineChart
from lab4.report.pages import environment
from lab4.report.renderer import Renderer, Student
from lab4.report.roofline_svg import roofline_chart
from lab4.report.svg import bar_chart
from lab4.report.view import ValueView

__all__ = ["HTML", "render", "spans"]


def render(document: Document, student: Student) -> str:
    """The whole document; every text in it is escaped."""
    return _template().render(document=document, student=student)


def _drawn(chart: BarChart | RooflineChart) -> Markup:
    return bar_chart(chart) if isinstance(chart, BarChart) else roofline_chart(chart)


def spans(row: tuple[ValueView, ...]) -> list[tuple[ValueView, int]]:
    """The values of a row, each with the columns it covers: one reason for adjacent columns is given once."""
    found: list[tuple[ValueView, int]] = []
    for _, group in groupby(row, key=lambda value: (value.text, value.state)):
        values = list(group)
        found += [(values[0], len(values))] if values[0].is_missing else [(value, 1) for value in values]
    return found


@cache
def _template() -> Template:
    made = environment(autoescape=True)
    made.globals |= {"spans": spans, "drawn": _drawn}
    return made.get_template("document.html.j2")


HTML = Renderer("html", "html", render)
