"""A document as one HTML file that needs nothing else: on a desk, on a phone, on paper."""

from functools import cache
from itertools import groupby

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from lab4.analysis.document import BarChart, Document, RooflineChart
from lab4.report.pages import page
from lab4.report.renderer import Renderer
from lab4.report.roofline_svg import roofline_chart
from lab4.report.student import Student
from lab4.report.svg import bar_chart
from lab4.report.view import ValueView

__all__ = ["HTML", "render", "spans"]


def render(document: Document, student: Student) -> str:
    """The whole document; every text in it is escaped."""
    return _environment().get_template("document.html.j2").render(page=page(document, student))


def _drawn(chart: BarChart | RooflineChart) -> Markup:
    return bar_chart(chart) if isinstance(chart, BarChart) else roofline_chart(chart)


def spans(row: tuple[ValueView, ...]) -> tuple[tuple[ValueView, int], ...]:
    """The values of a row, each with the columns it covers: one reason for adjacent columns is given once."""
    found: list[tuple[ValueView, int]] = []
    for (text, state), group in groupby(row, key=lambda value: (value.text, value.state)):
        values = list(group)
        if text and state in {"not measured", "failed"}:
            found.append((values[0], len(values)))
        else:
            found += [(value, 1) for value in values]
    return tuple(found)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("lab4.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.globals |= {"spans": spans, "drawn": _drawn}
    return environment


HTML = Renderer("html", "html", render)
