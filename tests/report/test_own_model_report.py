"""The report of a user's own model as people read it."""

import csv
from io import StringIO

import pytest
from own_model_runs import own_run

from lab4.analysis.overview import report
from lab4.report import Student, markdown, spreadsheet, terminal, web_page

OWN = report([own_run()])
TEXTS = {
    "terminal": lambda: terminal.tables(OWN, 400),
    "md": lambda: markdown.render(OWN, Student()).replace("\\", ""),
    "html": lambda: web_page.render(OWN, Student()),
}


@pytest.mark.parametrize("name", TEXTS)
def test_guesses_agreement_and_reasons_are_in_every_report(name):
    text = TEXTS[name]()
    assert "range:-1,1 (guessed)" in text
    assert "Agreement with the original" in text
    assert "0.750000" in text
    assert text.count("not measured: no GPU visible to TensorFlow: all cells on the GPU") == 1
    assert "not measured: not made from tflite files: Keras (H5), TensorFlow.js" in text
    assert "this cell does not measure it" not in text


def test_the_csv_has_a_line_for_each_that_was_left_out():
    lines = csv.DictReader(StringIO(spreadsheet.render(OWN, Student())))
    found = [line["row"] for line in lines if line["reason"] == "not made from tflite files"]
    assert found == ["Keras (H5)", "TensorFlow.js"]
