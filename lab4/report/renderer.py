"""What a report is to those who choose and write it: a name, the ending of its file, and a function."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from lab4.analysis.document import Document
from lab4.domain.errors import Lab4Error
from lab4.report.student import Student

__all__ = ["Render", "Renderer"]

#: A document and whoever hands it in, as the content of one file.
Render = Callable[[Document, Student], str | bytes]

_SUFFIX = re.compile(r"[A-Za-z0-9]+(\.[A-Za-z0-9]+)*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Renderer:
    """Writes documents in one format: ``name`` is what it is chosen by, ``suffix`` its file's ending without a dot."""

    name: str
    suffix: str
    render: Render

    def __post_init__(self) -> None:
        """Refuse an ending that would not be one."""
        if not _SUFFIX.fullmatch(self.suffix):
            msg = (
                f"report {self.name!r}: {self.suffix!r} cannot end a file's name; use letters and digits, such as html"
            )
            raise Lab4Error(msg)
