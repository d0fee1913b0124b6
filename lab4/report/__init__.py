"""Documents to HTML, Markdown, CSV and the terminal; units for people exist only here."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import TYPE_CHECKING

from lab4.domain.errors import Lab4Error
from lab4.domain.registry import Registry

if TYPE_CHECKING:
    from lab4.analysis.document import Document

__all__ = ["REPORTS", "Render", "Renderer", "Student"]

_SUFFIX = re.compile(r"[A-Za-z0-9]+(\.[A-Za-z0-9]+)*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Student:
    """The content of the blanks at a document's head, and the student's own words; empty ones are left to fill in.

    ``answers`` are by the questions' keys; they take the place of drafts.
    """

    name: str = ""
    student_id: str = ""
    date: str = ""
    reflection: str | None = None
    answers: Mapping[str, str] = field(default_factory=dict)

    def blank(self, title: str) -> str:
        """What to write into the blank of this title; nothing where it asks for something else.

        >>> Student("Ada").blank("Name")
        'Ada'
        """
        return {"name": self.name, "student id": self.student_id, "date": self.date}.get(title.lower(), "")

    @property
    def words(self) -> int:
        """How many words the reflection has."""
        return len((self.reflection or "").split())


#: A document and whoever hands it in, as the content of one file.
Render = Callable[["Document", Student], str | bytes]


@dataclass(frozen=True, slots=True)
class Renderer:
    """Writes documents in one format: ``name`` is what it is chosen by, ``suffix`` its file's ending without a dot.

    Without a choice, the documents for which ``is_usual`` holds are written. ``modules`` are what ``render``
    imports and ``extra`` of lab4 installs. ``prepare`` does ahead what takes long once in a process.
    """

    name: str
    suffix: str
    render: Render
    is_usual: Callable[["Document"], bool] = lambda _: True
    modules: tuple[str, ...] = ()
    extra: str = ""
    prepare: Callable[[], object] | None = None

    def __post_init__(self) -> None:
        if not _SUFFIX.fullmatch(self.suffix):
            raise Lab4Error(
                f"report {self.name!r}: {self.suffix!r} cannot end a file's name; use letters and digits, such as html"
            )

    @property
    def lacking(self) -> str:
        """Which of its modules are not installed and how to install them; empty where all are."""
        missing = [module for module in self.modules if find_spec(module) is None]
        return f"it needs {' and '.join(missing)}: pip install 'lab4[{self.extra}]'" if missing else ""


#: What writes a document's files, by the name that it is chosen by.
REPORTS: Registry[Renderer] = Registry(
    "report",
    {
        "html": "lab4.report.web_page:HTML",
        "pdf": "lab4.report.pdf:PDF",
        "docx": "lab4.report.docx:DOCX",
        "md": "lab4.report.markdown:MARKDOWN",
        "csv": "lab4.report.spreadsheet:CSV",
    },
    "lab4.reports",
    Renderer,
)
