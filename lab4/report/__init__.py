"""Tables to Markdown, HTML, CSV and the terminal; units for people exist only here."""

from collections.abc import Callable

from lab4.analysis.tables import Worksheet
from lab4.domain.registry import Registry
from lab4.report.student import Student

__all__ = ["REPORTS", "Render", "Student"]

#: A worksheet and its student, as the text of one file.
Render = Callable[[Worksheet, Student], str]

#: Files that are written, by their ending.
REPORTS: Registry[Render] = Registry(
    "report",
    {
        "md": "lab4.report.markdown:render",
        "html": "lab4.report.web_page:render",
        "csv": "lab4.report.tidy:render",
    },
)
