"""A document as Markdown."""

import re
from collections.abc import Sequence
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


class _Raw(str):
    """Markdown that is put in as it is."""

    __slots__ = ()


def code_block(lines: Sequence[str]) -> str:
    """Lines of code, in a fence that none of them ends."""
    ticks = max((len(run) for line in lines for run in re.findall("`+", line)), default=0)
    fence = "`" * max(3, ticks + 1)
    return _Raw("\n".join([fence, *(" ".join(line.splitlines()) for line in lines), fence]))


def escape(text: object) -> str:
    r"""Any text as one line of Markdown that reads as it is written.

    >>> print(escape("a|b *c*"))
    a\|b \*c\*
    """
    return text if isinstance(text, _Raw) else _SPECIAL.sub(r"\\\1", " ".join(str(text).split()))


@cache
def template(name: str) -> Template:
    """The template, which escapes every expression."""
    made = environment(autoescape=False, finalize=escape)
    made.globals["code_block"] = code_block
    return made.get_template(name)


MARKDOWN = Renderer("md", "md", render)
