from contextlib import suppress
from dataclasses import replace

import pytest
from _pytest.mark.expression import Expression
from hypothesis import given
from hypothesis import strategies as st

from lab4.domain.cell import KINDS, Cell, Variant
from lab4.domain.errors import CellIdError, Lab4Error, UnknownNameError

names = st.from_regex(r"[A-Za-z0-9_]([A-Za-z0-9_.-]{0,12}[A-Za-z0-9_])?", fullmatch=True).filter(str.isascii)
cells = st.builds(
    Cell,
    kind=st.sampled_from(KINDS),
    model=names,
    techniques=st.lists(names, max_size=3).map(tuple),
    device=names,
    batch_size=st.none() | st.integers(1, 10_000),
    format=names,
    runtime=st.just("") | names,
)
settings = st.dictionaries(names, names, max_size=3).map(lambda chosen: tuple(chosen.items()))
threaded = st.builds(
    lambda cell, threads, settings: (
        cell if cell.batch_size is None else replace(cell, threads=threads, settings=settings)
    ),
    cells,
    st.integers(1, 40),
    settings,
)


@given(threaded)
def test_a_cell_id_parses_back_to_its_cell(cell):
    assert Cell.parse(cell.kind, cell.id) == cell
    assert Cell.from_key(cell.key) == cell


@given(threaded, threaded)
def test_two_cells_share_a_key_only_if_they_are_one(one, other):
    assert (one.key == other.key) == (one == other)


@given(st.text() | st.text("ab1-.:+[]/", max_size=20).map("latency/".__add__))
def test_any_other_text_is_refused_in_our_own_words(text):
    with suppress(Lab4Error):
        assert Cell.from_key(text).key == text


@given(threaded)
def test_pytests_k_accepts_every_id_and_finds_it(cell):
    expression = Expression.compile(cell.id)
    assert expression.evaluate(lambda name, **_: name == cell.id)


@pytest.mark.parametrize(
    "text",
    [
        *("cnn", "cnn-cpu", "cnn-cpu-b0-onnx", "cnn-cpu-b-onnx", "cnn--onnx", "cnn.-cpu-onnx", "[cnn]-cpu-onnx"),
        *("cnn-cpu-b1-t1-onnx", "cnn-cpu-t2-onnx-x", "cnn-cpu-onnx:", "cnn-cpu:onnx", "my-model.v3-cpu-b1-t2-x-onnx"),
        *("cnn-cpu-b1-onnx+", "cnn-cpu-b1-onnx+graph", "cnn-cpu-b1-onnx+graph.a.b", "cnn-cpu-b1-onnx+b.1+a.1"),
    ],
)
def test_a_wrong_id_is_answered_with_an_example(text):
    with pytest.raises(CellIdError, match=r"is not a cell id; (expected .*such as cnn-cpu-b32-onnx|it is written)"):
        Cell.parse("latency", text)


def test_an_unknown_kind_is_answered_with_the_valid_ones():
    with pytest.raises(UnknownNameError, match="unknown kind of cell 'baking'; valid: train, latency, examine"):
        Cell.parse("baking", "cnn-cpu-onnx")


@pytest.mark.parametrize("name", ["", "-a", "a.", "a b", "caf\u00e9", "a[b]", "a:b", "a/b", "x" * 101])
def test_a_name_that_cannot_stand_in_an_id_is_refused_with_what_may(name):
    with pytest.raises(CellIdError, match="cannot name a technique: use letters, digits, underscores, and dots or"):
        Variant("cnn", (name,))


def test_names_as_real_models_have_them():
    assert Cell("latency", "MobileNetV2", (), "cpu", 1, "onnx").id == "MobileNetV2-cpu-b1-onnx"
    assert Cell("latency", "my-model.v3", ("x",), "cpu", 1, "onnx").id == "[my-model.v3].x-cpu-b1-onnx"


def test_the_order_of_settings_says_nothing():
    one, other = (("graph", "basic"), ("arena", "off")), (("arena", "off"), ("graph", "basic"))
    cells = [Cell("latency", "cnn", (), "cpu", 1, "onnx", settings=each) for each in (one, other)]
    assert cells[0] == cells[1]
    assert cells[0].id == "cnn-cpu-b1-onnx+arena.off+graph.basic"
    assert cells[0].axes["settings"] == "arena.off+graph.basic"


@pytest.mark.parametrize("text", ["cnn-cpu-onnx+graph.basic", "cnn-cpu-b1-onnx+graph.all+graph.basic"])
def test_a_setting_is_named_once_and_only_with_a_batch_size(text):
    with pytest.raises(CellIdError, match=r"the settings .*: name each once, and only with a batch size"):
        Cell.parse("latency", text)


def test_a_batch_size_is_at_least_one():
    with pytest.raises(CellIdError, match="not a whole number from 1 to"):
        Cell("latency", "cnn", (), "cpu", 0, "onnx")


def test_the_marker_of_what_is_no_call_says_nothing_of_threads():
    assert "threads=1" in Cell.from_key("latency/cnn-cpu-b1-onnx").marker
    assert "threads" not in Cell.from_key("train/cnn-cpu-b128-keras").marker
    assert "threads" not in Cell.from_key("examine/cnn-cpu-onnx").marker
    assert "threads=2" in Cell.from_key("train/cnn-cpu-b128-t2-keras").marker
