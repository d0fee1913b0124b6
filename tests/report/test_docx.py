"""The DOCX, read back by the library that writes it."""

from io import BytesIO

import documents
import docx
import pytest

from lab4.report import Student
from lab4.report.docx import render


def opened(made, student=None):
    return docx.Document(BytesIO(render(made, student or Student())))


def texts(found):
    return [each.text for each in found.paragraphs]


@pytest.mark.parametrize("name", ["form", "hostile form", "empty", "broken"])
def test_any_document_can_be_opened(name):
    assert texts(opened(documents.ALL[name]))[0]


def test_tables_have_their_rows_with_the_notes_of_what_is_missing():
    table = opened(documents.FORM).tables[0]
    assert [cell.text for cell in table.rows[0].cells] == ["Model", "Size (MB)", "Loss (% points)"]
    assert table.rows[1].cells[1].text == "1.70"
    assert table.rows[2].cells[1].text == table.rows[2].cells[2].text == "not measured [1]"
    assert "[1] not measured: no converter" in texts(opened(documents.FORM))


def test_charts_are_pictures():
    assert len(opened(documents.FORM).inline_shapes) == 2


def test_drafts_answers_and_blanks_are_there_to_type_into():
    found = texts(opened(documents.FORM, Student("Ada", answers={"1.2": "Because."})))
    assert "Name: Ada" in found
    assert "It has 1.70 MB." in found
    assert "Because." in found
