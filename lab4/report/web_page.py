"""A document as one HTML file that needs nothing else: on a desk, on a phone, on paper, light and dark."""

from base64 import b64encode
from functools import cache
from hashlib import sha256
from importlib.resources import files

from jinja2 import Environment
from markupsafe import Markup

from lab4.analysis.document import Chart, Document
from lab4.report import Renderer, Student
from lab4.report.pages import environment
from lab4.report.units import spans
from lab4.report.vega_lite import specification


def render(document: Document, student: Student) -> str:
    """The whole document; every text in it is escaped, and no script runs but those of `lab4.report.page`."""
    has_charts = any(
        isinstance(block, Chart) and block.marks for section in document.sections for block in section.blocks
    )
    scripts = [_script(name) for name in ("tables", *(["charts"] if has_charts else []))]
    page = _environment().get_template("document.html.j2")
    return page.render(document=document, student=student, scripts=scripts, allowed=[*map(_hash, scripts)])


def _script(name: str) -> Markup:
    return _read(f"{name}.js")


@cache
def _read(name: str) -> Markup:
    """A script of the page; HTML ends it at the first closing tag within it."""
    text = files("lab4.report.page").joinpath(name).read_text(encoding="utf-8").strip()
    return Markup(text.replace("</script", r"<\/script"))  # noqa: S704  # our own, built from pinned packages


def _hash(script: str) -> str:
    """The source expression by which a page's policy allows an inline script."""
    return f"'sha256-{b64encode(sha256(script.encode()).digest()).decode()}'"


@cache
def _environment() -> Environment:
    made = environment(autoescape=True)
    made.globals |= {"spans": spans, "specification": specification}
    return made


HTML = Renderer("html", "html", render)
