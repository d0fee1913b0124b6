import re

import pytest
import worksheets
from hypothesis import given
from hypothesis import strategies as st

from lab4.analysis.worksheet import worksheet
from lab4.report.terminal import tables


@pytest.mark.parametrize("name", sorted(set(worksheets.ALL) - {"names"}))
def test_lines_fit_the_terminal(name):
    notes = ("[",)
    lines = [line for line in tables(worksheets.ALL[name], 120).splitlines() if not line.startswith(notes)]
    assert max(map(len, lines)) <= 120


@given(st.integers(20, 200))
def test_any_width_gives_the_tables_without_an_endless_loop(width):
    assert "Training on different hardware" in tables(worksheets.FULL, width)


def test_only_the_tables_of_the_form_are_printed_and_no_question():
    text = tables(worksheets.FULL)
    assert "The best for each priority" in text
    assert "Inference in every format" not in text
    assert "?" not in text


def test_reasons_stand_under_the_table_they_belong_to():
    assert "[1] not measured: no GPU visible to TensorFlow" in tables(worksheets.FULL)
    assert "failed [1]" in tables(worksheets.BROKEN)


def test_intervals_are_shown_if_the_terminal_is_wide():
    interval = re.compile(r"\(\d[\d.,]*\u2013\d[\d.,]*\)")
    assert interval.search(tables(worksheets.TRAINING, 200))
    assert not interval.search(tables(worksheets.TRAINING, 60))


@given(st.integers(0, 30))
def test_a_name_that_is_cut_begins_no_line_with_a_workflow_command(letters):
    name = f"{'x' * letters}::error file=a::forged"
    made = worksheet([worksheets.realistic(70, labels=dict.fromkeys(worksheets.LABELS, name))])
    assert not re.search(r"^\s*::[a-z]", tables(made, 20), re.MULTILINE)
