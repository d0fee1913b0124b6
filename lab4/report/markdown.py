"""A document as Markdown."""

import re
from functools import cache

from jinja2 import Template

from lab4.analysis.document import Document
from lab4.report import Renderer, Student
from lab4.report.pages import environment

#: What would end a table cell, open a tag or start emphasis; a name such as tflite_int8 stays as it is.
_SPECIAL = re.compile(r"([\\|<`*\[\]])")


def render(document: Document, student: Student) -> str:
    """The whole document, with tables that any Markdown reader with tables shows; charts are left out."""
    return template("document.md.j2").render(document=document, student=student)


def escape(text: object) -> str:
    r"""Any text as one line of Markdown that reads as it is written.

    >>> print(escape("a|b *c*"))
    a\|b \*c\*
    """
    return _SPECIAL.sub(r"\\\1", " ".join(str(text).split()))


@cache
def template(name: str) -> Template:
    """The template, which escapes every expression."""
    return environment(autoescape=False, finalize=escape).get_template(name)


MARKDOWN = Renderer("md", "md", render)
