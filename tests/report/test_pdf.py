"""The PDF: its text, its pages, its fonts, and texts that would be markup elsewhere."""

import os
import re
import shutil
import subprocess
import sys
import zlib
from pathlib import Path

import documents
import pytest
from worksheet_factory import realistic

from lab4.report import Student
from lab4.report.pdf import render
from lab4.worksheet import blank_form, worksheet

NOT_HIDDEN = 9
#: Empty folders in the place of the machine's fonts, for one process.
HIDDEN = f"""
for folder in /usr/share/fonts /usr/local/share/fonts
do [ ! -d $folder ] || mount -t tmpfs none $folder || exit {NOT_HIDDEN}
done"""


def pages(content):
    """How many pages a PDF has, by its page tree."""
    streams = [_inflated(each) for each in re.findall(rb"stream\r?\n(.*?)endstream", content, re.DOTALL)]
    return max(int(each) for each in re.findall(rb"/Count (\d+)", content + b"".join(streams)))


def _inflated(stream):
    try:
        return zlib.decompress(stream)
    except zlib.error:
        return b""


def form():
    return worksheet([realistic(700)]), Student("Ada", "1815", "2026-11-29")


@pytest.fixture(scope="module")
def worksheet_pdf():
    return render(*form())


def test_a_worksheet_of_two_models_has_at_most_six_pages(worksheet_pdf):
    assert 1 <= pages(worksheet_pdf) <= 6


def test_its_fonts_are_in_it_and_it_is_tagged(worksheet_pdf):
    text = worksheet_pdf + b"".join(
        _inflated(each) for each in re.findall(rb"stream\r?\n(.*?)endstream", worksheet_pdf, re.DOTALL)
    )
    assert b"/FontFile" in text
    assert b"/StructTreeRoot" in text
    assert b"/Lang" in text


def test_a_machine_without_fonts_prints_the_same_pages(worksheet_pdf, tmp_path):
    if shutil.which("unshare") is None:
        pytest.skip("unshare, which hides the machine's fonts, is not installed")
    made = tmp_path / "worksheet.pdf"
    script = f"import test_pdf; open({str(made)!r}, 'wb').write(test_pdf.render(*test_pdf.form()))"
    own = ["unshare", "--mount", "--map-root-user", "sh", "-c", f'{HIDDEN}; exec "$@"', "sh"]
    paths = os.pathsep.join([str(Path(__file__).parent), str(Path(__file__).parents[1]), *sys.path])
    environment = {**os.environ, "PYTHONPATH": paths, "HOME": str(tmp_path)}
    answer = subprocess.run(
        [*own, sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=False
    )
    if "unshare failed" in answer.stderr or answer.returncode == NOT_HIDDEN:
        pytest.skip("this system does not let a process hide the machine's fonts")
    assert answer.returncode == 0, answer.stderr
    assert made.read_bytes() == worksheet_pdf


def test_the_blank_form_is_a_pdf_too():
    assert render(blank_form(), Student()).startswith(b"%PDF-")


@pytest.mark.parametrize("name", ["form", "hostile form", "empty", "broken", "names"])
def test_any_document_can_be_printed(name):
    made = documents.ALL[name]
    content = render(made, Student(documents.HOSTILE, "#set text(red)", reflection="*a* #b $c$ `d`"))
    assert content.startswith(b"%PDF-")
    assert content.rstrip().endswith(b"%%EOF")
