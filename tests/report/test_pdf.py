"""The PDF: its text, its pages, its fonts, and texts that would be markup elsewhere."""

import re
import zlib

import documents
import pytest
from worksheet_factory import realistic

from lab4.report import Student
from lab4.report.pdf import render
from lab4.worksheet import blank_form, worksheet


def pages(content):
    """How many pages a PDF has, by its page tree."""
    streams = [_inflated(each) for each in re.findall(rb"stream\r?\n(.*?)endstream", content, re.DOTALL)]
    return max(int(each) for each in re.findall(rb"/Count (\d+)", content + b"".join(streams)))


def _inflated(stream):
    try:
        return zlib.decompress(stream)
    except zlib.error:
        return b""


@pytest.fixture(scope="module")
def worksheet_pdf():
    return render(worksheet([realistic(700)]), Student("Ada", "1815", "2026-11-29"))


def test_a_worksheet_of_two_models_has_at_most_six_pages(worksheet_pdf):
    assert 1 <= pages(worksheet_pdf) <= 6


def test_its_fonts_are_in_it_and_it_is_tagged(worksheet_pdf):
    text = worksheet_pdf + b"".join(
        _inflated(each) for each in re.findall(rb"stream\r?\n(.*?)endstream", worksheet_pdf, re.DOTALL)
    )
    assert b"/FontFile" in text
    assert b"/StructTreeRoot" in text
    assert b"/Lang" in text


def test_the_blank_form_is_a_pdf_too():
    assert render(blank_form(), Student()).startswith(b"%PDF-")


@pytest.mark.parametrize("name", ["form", "hostile form", "empty", "broken", "names"])
def test_any_document_can_be_printed(name):
    made = documents.ALL[name]
    content = render(made, Student(documents.HOSTILE, "#set text(red)", reflection="*a* #b $c$ `d`"))
    assert content.startswith(b"%PDF-")
    assert content.rstrip().endswith(b"%%EOF")
