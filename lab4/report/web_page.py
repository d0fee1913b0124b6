"""A document as one HTML file that needs nothing else: on a desk, on a phone, on paper, light and dark."""

from base64 import b64encode
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.resources import files

from jinja2 import Environment
from markupsafe import Markup

from lab4.analysis.document import Chart, Document
from lab4.report import Renderer, Student
from lab4.report.pages import environment, unbroken
from lab4.report.units import sentence, spans
from lab4.report.vega_lite import specification


@dataclass(frozen=True, slots=True)
class Place:
    """Where a document is a page among others: the way to the folder of the scripts, and to the page that led here.

    Scripts run only with the ``nonce``: the hash of a script's file allows it in no browser where pages are files.
    """

    scripts: str
    nonce: str
    back: str
    back_title: str


def render(document: Document, student: Student) -> str:
    """The whole document; every text in it is escaped, and no script runs but those of `lab4.report.page`."""
    scripts = [*map(_script, _scripts_of(document))]
    allowed = [*map(_hash, scripts)]
    return _page(document, student=student, scripts=scripts, linked=(), allowed=allowed, place=None)


def render_among(document: Document, place: Place) -> str:
    """The document as `render` makes it, with scripts that it shares with other pages."""
    linked = [f"{place.scripts}/{name}.js" for name in _scripts_of(document)]
    allowed = [f"'nonce-{place.nonce}'"]
    return _page(document, student=Student(), scripts=(), linked=linked, allowed=allowed, place=place)


def _page(document: Document, **settings: object) -> str:
    return _environment().get_template("document.html.j2").render(document=document, **settings)


def _scripts_of(document: Document) -> tuple[str, ...]:
    has_charts = any(
        isinstance(block, Chart) and block.marks for section in document.sections for block in section.blocks
    )
    return ("tables", "charts") if has_charts else ("tables",)


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
    made.filters |= {"sentence": lambda given: unbroken(sentence(given)), "unbroken": unbroken}
    return made


HTML = Renderer("html", "html", render)
