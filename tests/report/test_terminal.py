import re

import documents
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab4.analysis.overview import report
from lab4.report.terminal import tables


#: A class has a text of its own in the terminal.
@pytest.mark.parametrize("name", sorted(set(documents.ALL) - documents.HOSTILE_ONES - {"class"}))
@pytest.mark.parametrize("width", [40, 60, 80, 100])
def test_lines_fit_the_terminal(name, width):
    lines = [line for line in tables(documents.ALL[name], width).splitlines() if not line.startswith("import ")]
    assert max(map(len, lines), default=0) <= width


def test_a_table_without_room_has_its_values_in_two_parts_or_below_one_another():
    tall = tables(documents.FULL, 30).splitlines()
    assert "  Accuracy (%): 97.50" in tall
    wide = tables(documents.FULL, 72)
    assert "  Accuracy (%): " not in wide


@pytest.mark.untraced
@given(st.integers(20, 200))
def test_any_width_gives_the_tables_without_an_endless_loop(width):
    assert "Training on each device" in " ".join(tables(documents.FULL, width).split())


def test_only_the_printed_tables_are_shown_and_no_question():
    text = tables(documents.FORM)
    assert "Sizes of CNN" in text
    assert "More" not in text
    assert "?" not in text


def test_code_is_one_line_that_can_be_copied():
    lines = tables(documents.FORM, 40).splitlines()
    title = lines.index("To open CNN:")
    assert lines[title + 1] == "import runtime; net = runtime.open(path)  # CNN, [2] `threads`"


def test_reasons_stand_under_the_table_they_belong_to():
    assert "[1] not measured: no converter" in tables(documents.FORM)
    assert "failed [2]" in tables(documents.FORM)


def test_where_there_is_room_figures_keep_their_spread():
    assert "+0.15 (-0.07 to +0.37)" in tables(documents.FORM, 200)
    assert "(-0.07" not in tables(documents.FORM, 45)


@pytest.mark.untraced
@given(st.integers(0, 30))
def test_a_name_that_is_cut_begins_no_line_with_a_workflow_command(letters):
    name = f"{'x' * letters}::error file=a::forged"
    made = report([documents.realistic(70, catalogue=documents.catalogue_with(name))])
    assert not re.search(r"^\s*::[a-z]", tables(made, 20), re.MULTILINE)
