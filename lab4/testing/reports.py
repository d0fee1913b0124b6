"""What a report must do: make a file's content of any document, the same each time, and never raise."""

from lab4.analysis.document import Document
from lab4.report import REPORTS, Renderer, Student
from lab4.testing.conformance import Conformance, require
from lab4.testing.documents import EMPTY, FULL, HOSTILE, document

__all__ = ["ReportConformance"]


def _rendered(name: str, made: Document, student: Student | None = None) -> bytes:
    content = REPORTS[name].render(made, student or Student())
    require(isinstance(content, str | bytes), f"{name} renders a {type(content).__name__}, not str or bytes")
    return content.encode() if isinstance(content, str) else content


class ReportConformance(Conformance):
    """The suite of reports; each renders documents that are empty, full and hostile."""

    kind = "report"

    def test_it_is_a_renderer_of_its_name(self, name: str) -> None:
        """It is chosen by its name, and its file has its ending."""
        entry = REPORTS[name]
        require(isinstance(entry, Renderer), f"{name} is a {type(entry).__name__}, not a Renderer")
        require(entry.name == name, f"{name} calls itself {entry.name!r}")

    def test_it_renders_a_document_with_nothing_in_it(self, name: str) -> None:
        """A run whose cells all failed has a report too."""
        _rendered(name, EMPTY)

    def test_it_renders_every_kind_of_block(self, name: str) -> None:
        """Tables, charts, questions, prose, what was not measured, and room for one's own words."""
        full = _rendered(name, FULL)
        require(len(full) > 0, f"{name} renders a full document to nothing")
        require(full != _rendered(name, EMPTY), f"{name} renders a full document as an empty one")

    def test_it_renders_texts_of_others(self, name: str) -> None:
        """Names of models are anybody's: they may have signs of markup, and several lines."""
        _rendered(name, HOSTILE)

    def test_it_renders_what_it_is_given(self, name: str) -> None:
        """Another document is another file, and the same one the same."""
        require(_rendered(name, FULL) == _rendered(name, document("CNN")), f"{name} differs each time")
        require(_rendered(name, FULL) != _rendered(name, document("RNN")), f"{name} does not show a table's rows")

    def test_it_takes_a_student(self, name: str) -> None:
        """Who hands the form in is printed where there is room for it."""
        _rendered(name, FULL, Student(name="Ada", student_id="1", date="2026-01-01"))
