import re

import pytest
import worksheets
from hypothesis import given
from hypothesis import strategies as st

from lab4.report.markdown import escape, render
from lab4.report.student import Student
from lab4.report.units import words

_UNESCAPED_PIPE = re.compile(r"(?<!\\)(?:\\\\)*\|")


def _tables(text):
    found, current = [], []
    for line in text.splitlines():
        if line.startswith("|"):
            current.append(line)
        elif current:
            found.append(current)
            current = []
    return found


@pytest.mark.parametrize("name", worksheets.ALL)
def test_every_row_of_every_table_has_as_many_cells_as_its_heading(name):
    found = _tables(render(worksheets.ALL[name], Student()))
    assert len(found) == 1 + sum(1 for table in worksheets.ALL[name].tables if table.rows)
    for lines in found:
        assert len({len(_UNESCAPED_PIPE.findall(line)) for line in lines}) == 1


@given(st.text())
def test_no_text_breaks_out_of_its_cell_or_line(text):
    escaped = escape(text)
    assert not _UNESCAPED_PIPE.search(escaped)
    assert len(escaped.splitlines()) <= 1


@given(st.text())
def test_escaping_keeps_every_word(text):
    assert re.sub(r"\\(.)", r"\1", escape(text)) == " ".join(text.split())


def test_every_figure_of_the_tables_is_in_the_text():
    text = render(worksheets.FULL, Student())
    assert all(words(value, kind) in text for value, kind in worksheets.quantities(worksheets.FULL))


def test_head_and_foot_are_the_forms():
    text = render(worksheets.FULL, Student("Ada", "42", "2026-03-01"))
    assert "| Ada | 42 | 2026-03-01 |" in text
    assert text.rstrip().endswith("Grade: ______ / ______")


def test_without_a_reflection_nothing_is_written_for_the_student():
    text = render(worksheets.FULL, Student())
    assert "Words: 0 of 100 to 150" in text


def test_a_reflection_is_filled_in_and_its_words_are_counted():
    text = render(worksheets.FULL, Student(reflection="I learned\nfive | words here"))
    assert "I learned\nfive \\| words here" in text
    assert "Words: 6 of 100 to 150" in text


def test_several_machines_get_a_column_and_one_does_not():
    assert "| Machine |" in render(worksheets.MERGED, Student())
    assert "| Machine |" not in render(worksheets.FULL, Student())


def test_cautions_stand_at_the_head():
    assert "**Beware:** A run was interrupted" in render(worksheets.ONE_MODEL, Student())


def test_a_worksheet_without_runs_says_what_is_missing():
    text = render(worksheets.EMPTY, Student())
    assert "**not measured: not in this run**" in text
    assert "Nothing was measured for this table." in text
