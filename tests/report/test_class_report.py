"""What an instructor reads of a class in the terminal, in a gradebook and on the page."""

import csv
import io
import re

import pytest
from documents import HOSTILE
from lab4_class import ASKED, eventful_class, ordinary, student_run, submission
from worksheet_factory import CATALOGUE

from lab4.analysis.classroom.assessment import assess
from lab4.analysis.classroom.overview import class_document
from lab4.analysis.classroom.remarks import remarks
from lab4.analysis.classroom.submission import Refused
from lab4.analysis.document import Document
from lab4.report import Student
from lab4.report.classroom import gradebook, plain, text
from lab4.report.web_page import render


def test_a_gradebook_has_a_row_for_each_student_and_no_formula():
    found = eventful_class("=HYPERLINK(1)")
    rows = list(csv.DictReader(io.StringIO(gradebook(found))))
    assert len(rows) == len(found.students)
    row = rows[-2]
    assert row["student"] == "'=HYPERLINK(1)"
    assert (row["asked"], row["measured"], row["missing"], row["failed"], row["complete"]) == ("3", "1", "1", "1", "no")
    assert row["missing_cells"] == "latency/cnn-cpu-b1-onnx"
    assert "6.0 times as long" in row["out_of_line"]
    assert row["refused_files"] == "a.json: no run"
    assert "the same file" in rows[-1]["handed_in_twice"]


@pytest.mark.parametrize("width", [60, 80, 110])
def test_a_terminal_shows_what_needs_an_eye_in_lines_that_fit(width):
    lines = text(eventful_class(), width).splitlines()
    assert max(map(len, lines)) <= width
    assert {"Missing (1)", "Handed in twice (1)", "Refused (1)"} <= set(lines)
    assert any(line.startswith("Out of line") for line in lines)


def test_students_who_lack_the_same_are_in_one_line():
    students = [submission(number, student_run(number), asked=ASKED) for number in range(6)]
    shown = text(assess(students, CATALOGUE), 110)
    assert "Missing (1)" in shown
    assert "Student 0, Student 1, Student 2, Student 3, Student 4, Student 5: 2 cells" in shown


def test_a_class_without_faults_is_counted_and_nothing_else():
    shown = text(assess(ordinary(), CATALOGUE), 500)
    assert shown.startswith("8 students, 8 runs. 8 students have every cell")
    assert "\n" not in shown


def test_json_has_the_states_of_all_cells_and_every_reason():
    student = plain(eventful_class())["students"][-2]
    assert student["cells"]["examine/cnn-cpu-onnx"] == {"state": "failed", "reason": "it broke"}
    assert student["refused"] == [{"file": "a.json", "reason": "no run"}]
    assert {each["extent"] for each in student["out_of_line"]} == {"all"}


def test_the_page_has_every_finding_and_says_none_where_there_is_none():
    page = render(class_document(eventful_class()), Student())
    for words in ("Ada", "6.0 times as long", "a.json", "the same file", "latency/cnn-cpu-b1-onnx"):
        assert words in page
    calm = render(class_document(assess(ordinary(), CATALOGUE)), Student())
    assert calm.count("<p>None.</p>") == 4  # and no cell was asked for
    assert "No run." not in calm


def page_of(found, index, text=str):
    section = remarks(found.students[index], text, are_real_cells=False)
    return render(Document("worksheet", "Worksheet", (), (section,)), Student())


def test_a_students_page_names_nobody_else_and_no_copy():
    found = eventful_class()
    for index, student in enumerate(found.students):
        page = page_of(found, index)
        others = [each.submission for each in found.students if each is not student]
        assert not [each for each in others if each.student in page or each.id in page]
        assert "the same file" not in page
        assert student.submission.id in page


def test_a_students_page_says_what_is_missing_refused_and_out_of_line_without_the_classs_figures():
    page = page_of(eventful_class(), -2)
    for words in ("latency/cnn-cpu-b1-onnx", "it broke", "file 1: no run", "slower than what is usual in the class"):
        assert words in page
    assert "6.0 times" not in page
    assert "a.json" not in page


def test_refused_files_have_numbers_on_a_students_page():
    refused = (Refused("AdaL.json", "it is empty"), Refused("", "there are 60"), Refused("lab/ada.json", "cut off"))
    page = page_of(assess([submission(0, refused=refused)], CATALOGUE), 0)
    for words in ("file 1: it is empty", "the file: there are 60", "file 2: cut off"):
        assert words in page
    assert "ada" not in re.sub(r"<(script|style).*?</\1>", "", page, flags=re.DOTALL).lower()


def test_a_student_without_a_run_is_not_given_a_list_of_all_cells():
    found = assess([submission(0, asked=ASKED, refused=(Refused("run.json", "it is empty"),))], CATALOGUE)
    page = page_of(found, 0)
    assert "Every cell: no run could be used" in page
    assert "latency/cnn-cpu-b1-onnx" not in page


def test_a_command_measures_what_is_missing_where_cells_are_real():
    section = remarks(eventful_class().students[-2], str, are_real_cells=True)
    page = render(Document("worksheet", "Worksheet", (), (section,)), Student())
    assert "pytest benchmarks -m latency --lab4-profile quick --lab4-models cnn" in page


def test_what_is_handed_in_cannot_break_out_of_a_page():
    found = assess([submission(0, student_run(0), student=HOSTILE, refused=(Refused(HOSTILE, HOSTILE),))], CATALOGUE)
    for page in (render(class_document(found), Student()), page_of(found, 0)):
        assert 'src="https://example.org"' not in page
        assert "&lt;script src=" in page
