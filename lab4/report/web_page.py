"""The worksheet as one HTML file that needs nothing else: on a desk, on a phone, on paper."""

from functools import cache
from itertools import groupby

from jinja2 import Environment, PackageLoader, StrictUndefined

from lab4.analysis.tables import Worksheet
from lab4.report.charts import charts
from lab4.report.pages import page
from lab4.report.student import Student
from lab4.report.view import ValueView

__all__ = ["render", "spans"]


def render(worksheet: Worksheet, student: Student) -> str:
    """The whole worksheet; every text in it is escaped."""
    template = _environment().get_template("worksheet.html.j2")
    return template.render(page=page(worksheet, student), charts=charts(worksheet))


def spans(row: tuple[ValueView, ...]) -> tuple[tuple[ValueView, int], ...]:
    """The values of a row, each with the columns it covers: one reason for neighbours is said once."""
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
    environment.globals["spans"] = spans
    return environment
