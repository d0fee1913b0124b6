"""A reader's own answers: read whatever has become of the file, and never changed."""

import documents
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab4.domain.errors import Lab4Error
from lab4.domain.text import valid_text
from lab4.report.written_answers import ANSWERS_FILE, ensure_file, read_answers, template
from lab4.worksheet import blank_form


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


@pytest.mark.parametrize("question", ["1.2 And why?", "1.2  and why", "1.2 And\nwhy?", "1.2 And why?\n---"])
def test_a_whole_question_without_a_sign_is_a_heading_too(path, question):
    student = read(path, f"## 1.1\nLarge.\n\n{question}\nSo.\n").student
    assert student.answers == {"1.1": "Large.", "1.2": "So."}


def test_a_number_that_begins_an_answer_is_no_heading(path):
    text = "## 1.1\n1.2 MB.\n\n1.2 and why not?\n\n```\n1.2 And why?\n```\n"
    assert read(path, text).student.answers == {"1.1": text.removeprefix("## 1.1\n").strip()}


def test_a_question_is_known_by_its_number_alone(path):
    assert read(path, "## 1.1\nLarge.\n## 1.2: why\nSo.").student.answers == {"1.1": "Large.", "1.2": "So."}


def test_a_wrong_heading_is_named_and_the_others_are_read(path):
    found = read(path, "## 7.3 What?\nText.\n## 1.1\nLarge.\n## Empty\n")
    assert found.student.answers == {"1.1": "Large."}
    assert found.notes == tuple(
        f"{path}: the form has no heading {shown}; it is left out, with what is below it: correct the heading"
        for shown in ("'7.3 What?' (line 1)", "'Empty' (line 5)")
    )


@pytest.mark.parametrize(
    "text",
    [
        "# 1.1\nLarge.\n# 1.2 And why?\nSo.",
        "### 1.1 How large is CNN?\nLarge.\n###### 1.2\nSo.",
        "1.1 How large is CNN?\n=====\nLarge.\n\n1.2 And why?\n-----\nSo.",
        "1.1 How large\nis CNN?\n---\nLarge.\n\n1.2\n===\nSo.",
        "#1.1\nLarge.\n ## **1.2 And why?**\nSo.",
    ],
)
def test_headings_count_in_every_notation_of_markdown(path, text):
    found = read(path, text)
    assert found.student.answers == {"1.1": "Large.", "1.2": "So."}
    assert found.notes == ()


@pytest.mark.parametrize("heading", ["Part 6: Reflection", "Part 6 reflection", "part 6", "Reflection", "Part 6."])
def test_the_room_to_write_has_its_number_or_its_name(path, heading):
    answers = path.with_name("form.md")
    answers.write_text(f"## {heading}\nMine.")
    found = read_answers(answers, blank_form())
    assert (found.student.reflection, found.notes) == ("Mine.", ())


@pytest.mark.parametrize(
    ("text", "line", "shown"),
    [
        ("\n1.1 How large?\nLarge.\n\n1.2\nSo.\n", 2, "1.1 How large?"),
        ("**1.2**\nSo.", 1, "**1.2**"),
        ("Large.\n---\nSo.", 1, "Large."),
        (template(documents.FORM).replace("## Name", "I am Ada.\n## Name"), 5, "I am Ada."),
        ("##\nSo.", 2, "So."),
        ("#hashtag", 1, "#hashtag"),
    ],
)
def test_text_below_no_heading_is_named_by_its_line(path, text, line, shown):
    found = read(path, text)
    assert (dict(found.student.answers), found.student.reflection) == ({}, None)
    (note,) = found.notes
    assert f"line {line}, '{shown}', is below no heading of the form and is left out" in note


def test_an_answer_keeps_deeper_headings_numbers_of_its_own_and_lines_that_divide(path):
    body = "Text.\n---\n### In detail\n\n### 1.2.1 Speed\n\n#1 of all\n2.5 ms\n- 1.3 ms"
    assert read(path, f"## 1.1\n{body}").student.answers == {"1.1": body}


def test_a_heading_of_the_same_level_ends_an_answer(path):
    found = read(path, "# 1.1\nLarge.\n# 7.1\nNobody asked.\n# 1.2\nSo.")
    assert found.student.answers == {"1.1": "Large.", "1.2": "So."}
    assert "no heading '7.1' (line 3)" in found.notes[0]


def test_titles_of_the_file_and_of_sections_divide_without_a_note(path):
    found = read(path, "# My answers\n\n# All kinds of blocks: mine\n# More\n## 1.1\nLarge.\n# More\n## 1.2\nSo.")
    assert found.student.answers == {"1.1": "Large.", "1.2": "So."}
    assert [note.partition(": ")[2].partition(";")[0] for note in found.notes] == [
        "the form has no heading 'All kinds of blocks: mine' (line 3)"
    ]


LINES = [
    "",
    "Text.",
    "1.2",
    "**1.2**",
    "# 1.2",
    "### Text",
    "# More",
    "#",
    "---",
    "===",
    "```",
    "    ## 1.1",
    "- a",
    "#b",
]


@given(st.lists(st.sampled_from(LINES) | st.text(max_size=5), max_size=8), st.booleans())
def test_no_text_is_lost_without_a_note(tmp_path_factory, lines, is_answer):
    """Headings that the form has are no text."""
    path = tmp_path_factory.getbasetemp() / "lost-answers.md"
    text = "\n".join(["Text.", *lines])
    found = read(path, f"## 1.1\n{text}" if is_answer else text)
    answers = "\n".join((*found.student.answers.values(), found.student.reflection or "")).split()
    headings = {"#", "1.2", "More", "---", "==="}
    assert found.notes or set(valid_text(text).split()) - headings <= set(answers)


@pytest.mark.parametrize(
    ("line", "heading"),
    [
        ("##\t 7.1 \t", "7.1"),
        ("## 7.1 ##  ", "7.1"),
        ("## 7.1##", "7.1"),
        ("  # Week # #", "Week #"),
    ],
)
def test_a_heading_is_what_is_between_its_number_signs_and_spaces(path, line, heading):
    assert f"no heading '{heading}'" in read(path, f"{line}\nText.").notes[0]


def test_a_number_of_a_million_digits_is_read_once(path):
    """A pattern that tried each end of it would need hours."""
    assert len(read(path, f"## 1.{'1' * 1_000_000}.1\nText.").notes) == 1


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


@pytest.mark.parametrize(
    "code", ["~~~\n## 1.2\n~~~", "````\n```\n## 1.2\n````", "```\n~~~\n## 1.2\n```", "```python\n## 1.2\n``` x\n```"]
)
def test_a_block_of_code_ends_with_the_fence_that_opens_it(path, code):
    assert read(path, f"## 1.1\n{code}\n").student.answers == {"1.1": code}


def test_a_block_without_an_end_leaves_those_before_it_code(path):
    found = read(path, "## 1.1\n```\n## 1.2\n```\n~~~\n## 1.2\nyes\n").student.answers
    assert found == {"1.1": "```\n## 1.2\n```\n~~~", "1.2": "yes"}
