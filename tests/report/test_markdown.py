import re
from dataclasses import replace

import documents
import pytest
from hypothesis import given
from hypothesis import strategies as st
from worksheet_factory import realistic

from lab4.domain.catalogue import Catalogue
from lab4.domain.cell import LATENCY
from lab4.report import Student
from lab4.report.markdown import code_block, escape, render
from lab4.report.pages import in_short
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


@pytest.mark.parametrize("name", documents.ALL)
def test_every_row_of_every_table_has_as_many_cells_as_its_heading(name):
    made = documents.ALL[name]
    found = _tables(render(made, Student()))
    assert len(found) == bool(made.blanks) + sum(1 for table in made.tables if table.rows)
    for lines in found:
        assert len({len(_UNESCAPED_PIPE.findall(line)) for line in lines}) == 1


def test_code_is_as_it_is_written():
    text = render(documents.FORM, Student())
    assert "\n```\nimport runtime\nnet = runtime.open(path)  # CNN, [2] `threads`\n```\n" in text


@given(st.lists(st.text() | st.text("`\n", max_size=9), max_size=3))
def test_no_line_of_code_ends_its_fence(lines):
    opening, *inside, closing = code_block(lines).split("\n")
    assert opening == closing
    assert set(opening) == {"`"}
    assert len(inside) == len(lines)
    assert not any(opening in line for line in inside)


@given(st.text())
def test_no_text_breaks_out_of_its_cell_or_line(text):
    escaped = escape(text)
    assert not _UNESCAPED_PIPE.search(escaped)
    assert len(escaped.splitlines()) <= 1


@given(st.text())
def test_escaping_keeps_every_word(text):
    assert re.sub(r"\\(.)", r"\1", escape(text)) == " ".join(text.split())


def test_every_figure_of_the_tables_is_in_the_text():
    text = render(documents.FULL, Student())
    assert all(words(value, kind) in text for value, kind in documents.quantities(documents.FULL))


def test_blanks_at_the_head_and_endings_are_the_forms():
    text = render(documents.FORM, Student("Ada", "42", "2026-03-01"))
    assert "| Ada | 42 | 2026-03-01 |  |" in text
    assert text.rstrip().endswith("Grade: ______ / ______")


def test_without_a_reflection_only_the_wanted_words_are_said():
    assert "\n\n(100 to 150 words.)\n\n" in render(documents.FORM, Student())


def test_a_reflection_is_filled_in_and_its_words_are_counted():
    text = render(documents.FORM, Student(reflection="I learned\nfive | words here"))
    assert "I learned\nfive \\| words here" in text
    assert "Words: 6 of 100 to 150" in text


def test_questions_have_their_drafts_and_one_without_has_none():
    text = render(documents.FORM, Student())
    assert "1. How large is CNN?" in text
    assert "> It has 1.70 MB." in text
    assert "2. And why?" in text
    assert text.count("Draft from this run's numbers") == 1


def test_prose_is_a_paragraph_or_a_list_under_its_title():
    text = render(documents.FORM, Student())
    assert "\nCNN is a model.\n" in text
    assert "To think about:\n\n- One thing.\n- Another.\n" in text


def test_notes_of_neighbouring_tables_that_agree_are_printed_once():
    notes = render(documents.FULL, Student()).count("A p90 is stated from")
    assert notes == 1


def test_several_machines_get_a_column_and_one_does_not():
    assert "| Machine |" in render(documents.MERGED, Student())
    assert "| Machine |" not in render(documents.FULL, Student())


def test_cautions_stand_at_the_head():
    assert "**Note:** A run was interrupted" in render(documents.ONE_MODEL, Student())
    assert "**Note:** 3 latencies are not precise." in render(documents.FORM, Student())


def test_a_missing_value_has_the_number_of_its_reason_below_the_tables():
    text = render(documents.FORM, Student())
    assert "| RNN | not measured (1) | not measured (1) |" in text
    assert "\n- (1) not measured: no converter\n" in text
    assert "\n- (2) failed: it broke\n" in text


def test_a_report_lists_each_reason_with_its_rows_and_a_form_does_not():
    assert "## What is not measured, and why" in render(documents.FULL, Student())
    assert "## What is not measured, and why" not in render(documents.FORM, Student())


def test_a_form_says_in_short_how_to_measure_again():
    text = render(documents.FORM, Student()).replace("\\_", "_")
    cells = len(realistic(700).measurements)
    assert (
        f"- All cells of the profile (this run had {cells}): pytest benchmarks --lab4-profile quick --lab4-seed 0 "
        "--lab4-dataset mnist_10k"
    ) in text


def test_a_form_of_a_run_that_timed_calls_only_does_not_name_the_command_of_all_cells():
    (source,) = documents.FORM.sources
    timed = tuple(each for each in source.cells if each.kind == LATENCY and each.model == "cnn")
    part = replace(documents.FORM, sources=(replace(source, cells=timed),))
    (again,) = [line for line in in_short(part) if line.startswith("All of it again: ")]
    command = again.removeprefix("All of it again: ")
    assert command.startswith("pytest benchmarks -m latency --lab4-profile quick --lab4-models cnn ")
    runtimes = dict.fromkeys(map(source.run.catalogue.runtime_of, timed))
    assert command.endswith(f" --lab4-runtimes {','.join(runtimes)} --lab4-seed 0 --lab4-dataset mnist_10k")
    unknown = replace(source, run=replace(source.run, catalogue=Catalogue()), cells=timed)
    assert "--lab4-runtimes" not in " ".join(in_short(replace(documents.FORM, sources=(unknown,))))


def test_answers_take_the_place_of_drafts():
    text = render(documents.FORM, Student(answers={"1.1": "It is | large.\nVery.", "1.2": "Because."}))
    assert "   It is \\| large.\n   Very." in text
    assert "Draft from" not in text
    assert "Because." in text


def test_how_drafts_compare_is_said_where_there_are_drafts():
    assert "is more than 32% above the upper end of the other" in render(documents.FORM, Student())
    assert "The drafts" not in render(documents.FULL, Student())
