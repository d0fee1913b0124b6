"""A reader's own answers: read whatever has become of the file, and never changed."""

import documents
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab4.domain.errors import Lab4Error
from lab4.report.written_answers import ANSWERS_FILE, _parts, ensure_file, read_answers, template


@pytest.fixture
def path(tmp_path):
    return tmp_path / ANSWERS_FILE


def read(path, text):
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_answers(path, documents.FORM)


def test_the_file_has_a_heading_for_each_blank_and_question():
    headings = [line for line in template(documents.FORM).splitlines() if line.startswith("## ")]
    assert headings == [
        "## Name",
        "## Student ID",
        "## Date",
        "## Team",
        "## 1.1 How large is CNN?",
        "## 1.2 And why?",
        "## All kinds of blocks",
    ]


def test_a_file_as_it_is_written_answers_nothing(path):
    found = read(path, template(documents.FORM))
    assert (found.student.name, dict(found.student.answers), found.student.reflection, found.notes) == (
        "",
        {},
        None,
        (),
    )


def test_what_is_below_a_heading_is_its_answer(path):
    text = template(documents.FORM).replace("## Name\n", "## Name\n\nAda\nLovelace\n")
    text = text.replace("And why?\n", "And why?\nBecause.\n\n### In detail\n\n- one\n")
    text = text.replace("## All kinds of blocks\n", "## All kinds of blocks\nfour words of mine\n")
    student = read(path, text).student
    assert student.name == "Ada Lovelace"
    assert student.answers == {"1.2": "Because.\n\n### In detail\n\n- one"}
    assert student.reflection == "four words of mine"
    assert student.words == 4


def test_a_question_is_known_by_its_number_alone(path):
    assert read(path, "## 1.1\nLarge.\n## 1.2: why\nSo.").student.answers == {"1.1": "Large.", "1.2": "So."}


def test_a_wrong_heading_is_named_and_the_others_are_read(path):
    found = read(path, "## 7.3 What?\nText.\n## 1.1\nLarge.\n## Empty\n")
    assert found.student.answers == {"1.1": "Large."}
    assert found.notes == (
        f"{path}: the form has no heading '7.3 What?'; what is below it is left out: correct the heading",
    )


def test_many_wrong_headings_are_counted_after_the_first_few(path):
    notes = read(path, "".join(f"## 7.{number}\nText.\n" for number in range(100_000))).notes
    assert [note.partition(": ")[2].partition(";")[0] for note in notes] == [
        "the form has no heading '7.0'",
        "the form has no heading '7.1'",
        "the form has no heading '7.2'",
        "the form does not have 99997 further headings either",
    ]


def test_a_wrong_heading_of_a_page_is_named_by_its_beginning(path):
    (note,) = read(path, f"## {'x' * 100_000}\nText.\n").notes
    assert len(note) < len(str(path)) + 200


@pytest.mark.parametrize(
    ("line", "heading"),
    [("##1.1", "1.1"), ("##\t 1.1 \t", "1.1"), ("## 1.1 ##  ", "1.1"), ("## 1.1##", "1.1"), ("## Team # #", "Team #")],
)
def test_a_heading_is_what_is_between_its_number_signs_and_spaces(line, heading):
    assert list(_parts(f"{line}\nText.")) == [(heading, "Text.")]


def test_the_spaces_of_a_heading_are_passed_over_once(path):
    """A pattern that tried each division of them would need hours."""
    spaces = " " * 500_000
    assert read(path, f"## a{spaces}b\n## 1.1{spaces}#{spaces}\nLarge.").student.answers == {"1.1": "Large."}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_the_usual_encodings_are_read(path, encoding):
    found = read(path, "## 1.1\nGr\u00f6\u00dfe".encode(encoding))
    assert found.student.answers == {"1.1": "Gr\u00f6\u00dfe"}
    assert found.notes == ()


def test_another_encoding_is_read_as_windows_1252_and_said(path):
    found = read(path, "## 1.1\nGr\u00f6\u00dfe".encode("cp1252"))
    assert found.student.answers == {"1.1": "Gr\u00f6\u00dfe"}
    assert "is not UTF-8 text" in found.notes[0]


def test_a_heading_in_a_block_of_code_is_code(path):
    assert read(path, "## 1.1\n```\n## 1.2\n```\n").student.answers == {"1.1": "```\n## 1.2\n```"}


def test_code_within_a_line_and_a_block_without_an_end_hide_no_heading(path):
    assert read(path, "## 1.1\n```pytest -m latency```\n## 1.2\nyes\n").student.answers == {
        "1.1": "```pytest -m latency```",
        "1.2": "yes",
    }
    assert read(path, "## 1.1\n```python\n## 1.2\nyes\n").student.answers == {"1.1": "```python", "1.2": "yes"}


@given(st.binary(max_size=200))
def test_no_file_is_too_bad_to_be_read(tmp_path_factory, content):
    path = tmp_path_factory.getbasetemp() / "any-answers.md"
    path.write_bytes(content)
    assert read_answers(path, documents.FORM).student is not None


def test_a_file_that_is_none_is_refused(tmp_path):
    with pytest.raises(Lab4Error, match="cannot read"):
        read_answers(tmp_path, documents.FORM)


def test_the_file_is_written_once_and_never_again(tmp_path):
    assert ensure_file(documents.FORM, tmp_path) == tmp_path / ANSWERS_FILE
    (tmp_path / ANSWERS_FILE).write_text("mine")
    assert ensure_file(documents.FORM, tmp_path) is None
    assert (tmp_path / ANSWERS_FILE).read_text() == "mine"
    assert ensure_file(documents.FULL, tmp_path / "report") is None
