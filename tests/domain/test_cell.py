from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab4.domain.cell import PARTS, Cell, Variant
from lab4.domain.errors import CellIdError, Lab4Error, UnknownNameError

names = st.from_regex(r"[a-z][a-z0-9_]{0,12}", fullmatch=True)
cells = st.builds(
    Cell,
    part=st.sampled_from(PARTS),
    model=names,
    techniques=st.lists(names, max_size=3).map(tuple),
    device=names,
    batch_size=st.none() | st.integers(1, 10_000),
    format=names,
)


@given(cells)
def test_a_cell_id_parses_back_to_its_cell(cell):
    assert Cell.parse(cell.part, cell.id) == cell
    assert Cell.from_key(cell.key) == cell


@given(cells, cells)
def test_two_cells_share_a_key_only_if_they_are_one(one, other):
    assert (one.key == other.key) == (one == other)


@given(st.text())
def test_any_other_text_is_refused_in_our_own_words(text):
    with suppress(Lab4Error):
        assert Cell.from_key(text).key == text


@pytest.mark.parametrize(
    "text", ["cnn", "cnn-cpu", "CNN-cpu-onnx", "cnn-cpu-b0-onnx", "cnn-cpu-b-onnx", "cnn--onnx", "cnn.-cpu-onnx"]
)
def test_a_wrong_id_is_answered_with_an_example(text):
    with pytest.raises(CellIdError, match=r"expected .*such as cnn-cpu-b32-onnx|use lower-case"):
        Cell.parse("inference", text)


def test_an_unknown_part_is_answered_with_the_valid_ones():
    with pytest.raises(UnknownNameError, match="unknown part 'baking'; valid: training, inference"):
        Cell.parse("baking", "cnn-cpu-onnx")


def test_a_name_that_would_not_parse_back_is_refused():
    with pytest.raises(CellIdError, match="cannot name a technique"):
        Variant("cnn", ("pruned-80",))
    with pytest.raises(CellIdError, match="not a whole number from 1 to"):
        Cell("inference", "cnn", (), "cpu", 0, "onnx")
