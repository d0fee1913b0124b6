"""Documents to HTML, Markdown, CSV and the terminal; units for people exist only here."""

from lab4.domain.registry import Registry
from lab4.report.renderer import Render, Renderer, Student

__all__ = ["REPORTS", "Render", "Renderer", "Student"]

#: What writes a document's files, by the name that it is chosen by.
REPORTS: Registry[Renderer] = Registry(
    "report",
    {
        "html": "lab4.report.web_page:HTML",
        "md": "lab4.report.markdown:MARKDOWN",
        "csv": "lab4.report.spreadsheet:CSV",
    },
    "lab4.reports",
    Renderer,
)
