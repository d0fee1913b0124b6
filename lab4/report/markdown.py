"""A document as Markdown."""

import re
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined

from lab4.analysis.document import Document
from lab4.report.pages import page
from lab4.report.renderer import Renderer
from lab4.report.student import Student

__all__ = ["MARKDOWN", "escape", "render"]

#: What would end a table cell, open a tag or start emphasis; a name such as tflite_int8 stays as it is.
_SPECIAL = re.compile(r"([\\|<`*\[\]])")


def render(document: Document, student: Student) -> str:
    """The whole document, with tables that any Markdown reader with tables shows; charts are left out."""
    return _environment().get_template("document.md.j2").render(page=page(document, student))


def escape(text: object) -> str:
    r"""Any text as one line of Markdown that reads as it is written.

    >>> print(escape("a|b *c*"))
    a\|b \*c\*
    """
    return _SPECIAL.sub(r"\\\1", " ".join(str(text).split()))


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("lab4.report"),
        autoescape=False,  # noqa: S701  # Markdown, not HTML: every expression goes through `escape` instead
        finalize=escape,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


MARKDOWN = Renderer("md", "md", render)
