"""Files of documents: chosen by name, two of one ending next to each other, one that breaks alone."""

from types import SimpleNamespace

import documents
import pytest

from lab4.domain import registry
from lab4.domain.errors import Lab4Error, UnavailableError, UnknownNameError
from lab4.report import REPORTS, Renderer, Student
from lab4.report.files import file_names, write_documents

OWN = tuple(REPORTS.own)
CARD = Renderer("card", "html", lambda document, student: f"{document.title} by {student.name}")
PICTURE = Renderer("picture", "png", lambda *_: b"\x89PNG\xff")
BROKEN = Renderer("broken", "txt", lambda document, _: list(document.sections).index(None))
NOTHING = Renderer("nothing", "json", lambda *_: None)


class Point:
    """An entry point of another package."""

    def __init__(self, name):
        self.name, self.value, self.group = name, f"{__name__}:{name.upper()}", "lab4.reports"
        self.dist = type("Distribution", (), {"name": "strangers"})


@pytest.fixture(autouse=True)
def strangers(monkeypatch):
    """Another package registers four reports."""
    points = [Point(name) for name in ("card", "picture", "broken", "nothing", "gone")]
    installed = SimpleNamespace(select=lambda group: points if group == "lab4.reports" else [])
    monkeypatch.setattr(registry, "_installed", lambda: installed)
    registry._entry_points.cache_clear()
    yield
    registry._entry_points.cache_clear()


def names(written):
    return [path.name for path in written.paths]


def test_a_document_is_one_file_per_report_in_the_folder(tmp_path):
    written = write_documents([documents.FORM], tmp_path, OWN, Student("Ada"))
    assert names(written) == ["form.html", "form.pdf", "form.docx", "form.md", "form.csv"]
    for path, name in zip(written.paths, OWN, strict=True):
        content = REPORTS[name].render(documents.FORM, Student("Ada"))
        assert path.read_bytes() == (content.encode() if isinstance(content, str) else content)
    assert written.faults == ()


def test_without_a_choice_a_form_is_a_pdf_too_and_a_report_is_not(tmp_path):
    written = write_documents([documents.FORM, documents.FULL], tmp_path, ())
    assert names(written) == ["form.html", "form.pdf", "form.md", "form.csv", "report.html", "report.md", "report.csv"]


def test_a_report_whose_package_is_missing_is_noted_and_where_it_was_asked_for_a_fault(tmp_path, monkeypatch):
    gone = Renderer("pdf", "pdf", lambda *_: b"", modules=("no_such_module",), extra="report")
    monkeypatch.setattr(f"{__name__}.GONE_PDF", gone, raising=False)
    monkeypatch.setitem(REPORTS.own, "pdf", f"{__name__}:GONE_PDF")
    said = "form.pdf was not written: it needs no_such_module: pip install 'lab4[report]'"
    usual = write_documents([documents.FORM], tmp_path, ())
    assert (usual.notes, usual.faults) == ((said,), ())
    asked = write_documents([documents.FORM], tmp_path, ("pdf",))
    assert (asked.notes, asked.faults) == ((), (said,))


def test_several_documents_stand_next_to_each_other(tmp_path):
    written = write_documents([documents.FORM, documents.FULL], tmp_path, ["md"])
    assert names(written) == ["form.md", "report.md"]


def test_an_earlier_file_that_differs_is_kept(tmp_path):
    write_documents([documents.FORM], tmp_path, OWN, Student("Ada"))
    write_documents([documents.FORM], tmp_path, OWN, Student("Grace"))
    assert any("Ada" in path.read_text() for path in (tmp_path / "earlier").rglob("*.md"))


@pytest.mark.parametrize("chosen", [("html", "card"), ("card", "html")])
def test_two_reports_of_one_ending_are_two_files(tmp_path, chosen):
    written = write_documents([documents.FORM], tmp_path, chosen, Student("Ada"))
    assert names(written) == ["form.html", "form.card.html"]
    assert written.paths[1].read_text() == "A form about CNN by Ada"


def test_a_report_alone_has_the_shortest_name():
    assert list(file_names(documents.FORM, ["card"])) == [("card", "form.html")]


def test_a_report_may_return_bytes(tmp_path):
    (path,) = write_documents([documents.FORM], tmp_path, ["picture"]).paths
    assert (path.name, path.read_bytes()) == ("form.png", b"\x89PNG\xff")


def test_a_report_that_raises_costs_its_own_file_alone_and_says_so(tmp_path):
    written = write_documents([documents.FORM], tmp_path, ["html", "broken", "nothing"])
    assert names(written) == ["form.html"]
    assert written.faults == (
        "form.txt was not written: the report 'broken' of the package strangers raised ValueError: None is not in list",
        "form.json was not written: the report 'nothing' of the package strangers returned NoneType, not str or bytes",
    )


def test_an_unknown_report_is_refused_with_the_valid_ones_before_anything_is_written(tmp_path):
    with pytest.raises(UnknownNameError, match=r"^unknown report 'odt'; valid: html, pdf, docx, md, csv, broken, card"):
        write_documents([documents.FORM], tmp_path, ["html", "odt"])
    assert list(tmp_path.iterdir()) == []


def test_a_report_that_cannot_be_imported_is_unavailable_with_its_reason(tmp_path):
    with pytest.raises(UnavailableError, match="of the package strangers cannot be used: importing"):
        write_documents([documents.FORM], tmp_path, ["gone"])


@pytest.mark.parametrize("suffix", ["", "../x", "a b", ".html", "a/b"])
def test_a_file_ending_that_is_none_is_refused(suffix):
    with pytest.raises(Lab4Error, match="cannot end a file's name"):
        Renderer("odd", suffix, lambda *_: "")
