"""Whether files computed the same in several places: laws of the verdict, and each reason why nothing can be said."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from lab4_gate_runs import run_with
from worksheet_factory import CATALOGUE

from lab4.analysis.answers import by_verdict, compared_answers, furthest_of, verdict_of
from lab4.analysis.pivot import ComparedSide
from lab4.domain.figures import CellFigures
from lab4.domain.observed import KeptOutput
from lab4.measure.answers import answers_of

TFLITE, ONNX, PREDICT = "examine/cnn-cpu-tflite_int8", "examine/cnn-cpu-onnx", "examine/cnn-cpu-keras:predict"
ROUNDING = 1e-3
arrays = st.lists(st.floats(-100, 100, width=32), min_size=1, max_size=40).map(lambda each: np.array(each, np.float32))


def answers(array, examples="e" * 64, rounding=ROUNDING, name="scores"):
    return answers_of({name: array}, examples, rounding)


def examined(found, artifact="a" * 64, correct=None):
    return CellFigures("measured", correct=correct, artifact=artifact, answers=found)


def side(name, *runs):
    starts = (f"2026-03-{day:02}T10:00:00+00:00" for day in range(1, 28))
    made = [run_with(cells, catalogue=CATALOGUE, started_at=start) for cells, start in zip(runs, starts, strict=False)]
    return ComparedSide(name, made)


def only(*sides):
    ((found),) = compared_answers(sides, sides[0])
    (answered,) = found.answered
    return answered


SOME = np.arange(12, dtype=np.float32).reshape(4, 3) + 1


@given(arrays, arrays)
def test_who_is_first_does_not_matter(one, other):
    left, right = answers(one), answers(other)
    assert verdict_of(left, right) == verdict_of(right, left)
    assert furthest_of(left.outputs, right.outputs) == furthest_of(right.outputs, left.outputs)


@given(arrays)
def test_equal_arrays_are_the_same_bits(array):
    assert verdict_of(answers(array), answers(array.copy())) == "same bits"


@given(arrays, st.floats(1e-6, 1), st.integers(0, 39))
def test_a_value_that_moves_is_seen_and_judged_by_the_scale(array, by, place):
    moved = array.copy()
    moved[place % len(array)] += by * np.abs(array).max()
    assume((moved != array).any())
    scale = max(np.abs(moved).max(), np.abs(array).max())
    apart = float(np.abs(moved.astype(float) - array.astype(float)).max() / scale)
    assume(abs(apart - ROUNDING) > 1e-6)
    verdict = "within tolerance" if apart < ROUNDING else "other answers"
    assert verdict_of(answers(array), answers(moved)) == verdict


def test_zeros_of_two_signs_are_other_bits_of_the_same_values():
    assert verdict_of(answers(np.float32([0.0])), answers(np.float32([-0.0]))) == "within tolerance"


@given(arrays, st.sampled_from([-1, 2, 1e30]))
def test_a_difference_is_a_share_and_never_above_two(array, factor):
    found = furthest_of(answers(array).outputs, answers(array * np.float32(factor)).outputs)
    assert 0 <= found <= 2


def test_a_damaged_scale_is_no_division_by_zero():
    one, other = (KeptOutput("float32", (1,), 0.0, (value,)) for value in (1e308, -1e308))
    assert furthest_of({"a": one}, {"a": other}) == 2


@pytest.mark.parametrize(
    "other",
    [answers(SOME, name="else"), answers(SOME.astype(np.float64)), answers(SOME.ravel()), answers(SOME > 2)],
    ids=["name", "dtype", "shape", "truth values"],
)
def test_other_outputs_are_other_answers_without_a_distance(other):
    assert verdict_of(answers(SOME), other) == "other answers"
    assert furthest_of(answers(SOME).outputs, other.outputs) is None


def test_two_machines_that_computed_the_same_bits():
    found = only(side("a", {ONNX: examined(answers(SOME))}), side("b", {ONNX: examined(answers(SOME))}))
    assert (found.place, found.verdict, found.file) == ("b", "same bits", "a" * 64)


def test_the_runtime_that_the_record_names_is_part_of_the_place():
    one, other = (replace(examined(answers(SOME)), runtime=name) for name in ("onnxruntime", "predict"))
    labels = [CATALOGUE.runtime(each.runtime).label for each in (one, other)]
    sides = side("a", {ONNX: one}), side("b", {ONNX: other})
    ((found,),) = [compared_answers(sides, sides[0])]
    assert [found.reference, found.answered[0].place] == [f"a {labels[0]}", f"b {labels[1]}"]


def test_examples_that_are_right_in_one_only_are_counted():
    bits = (True, False, True, True), (True, True, True, False)
    one, other = (examined(answers(SOME + shift), correct=each) for shift, each in zip((0, 5), bits, strict=True))
    found = only(side("a", {ONNX: one}), side("b", {ONNX: other}))
    assert (found.verdict, found.changed, found.examples, found.values) == ("other answers", 2, 4, 12)
    assert found.furthest == pytest.approx(5 / 17)


@pytest.mark.parametrize(
    ("other", "why"),
    [
        (examined(answers(SOME), artifact="b" * 64), "another file (aaaaaaaa and bbbbbbbb)"),
        (examined(answers(SOME, examples="f" * 64)), "other examples were predicted"),
        (examined(None), "its record has no digest of the outputs"),
        (CellFigures("unavailable", reason="no Node"), "no Node"),
        (CellFigures("interrupted"), "interrupted"),
    ],
)
def test_what_cannot_be_said_has_its_reason(other, why):
    found = only(side("a", {ONNX: examined(answers(SOME))}), side("b", {ONNX: other}))
    assert found.verdict is None
    assert found.reason.startswith(why)


def test_the_reference_is_the_first_place_that_has_a_digest():
    old, new = side("old", {ONNX: examined(None)}), side("new", {ONNX: examined(answers(SOME))})
    (found,) = compared_answers([old, new], old)
    assert (found.reference, found.answered[0].place) == ("new", "old")


def test_of_several_runs_those_of_one_file_are_compared():
    trained_again = examined(answers(SOME), artifact="c" * 64)
    shared = examined(answers(SOME))
    found = only(side("a", {ONNX: shared}, {ONNX: trained_again}), side("b", {ONNX: shared}))
    assert found.verdict == "same bits"


def test_a_machine_whose_own_runs_differ_is_named():
    one, other = (examined(answers(SOME + shift)) for shift in (0, 1e-4))
    a, b = side("a", {ONNX: one}, {ONNX: other}), side("b", {ONNX: one})
    (found,) = compared_answers([a, b], a)
    assert found.varying == ("a",)
    (steady,) = compared_answers([b, side("c", {ONNX: one}, {ONNX: one})], b)
    assert steady.varying == ()


def test_two_runtimes_of_one_file_are_two_places():
    keras = "examine/cnn-cpu-keras"
    found = only(side("a", {keras: examined(answers(SOME)), PREDICT: examined(answers(SOME + 1e-4))}))
    assert found.place == "a model.predict"
    assert found.verdict == "within tolerance"


def test_what_one_place_has_alone_is_not_compared():
    a, b = side("a", {ONNX: examined(answers(SOME))}), side("b", {TFLITE: examined(answers(SOME))})
    assert compared_answers([a, b], a) == ()


def test_verdicts_are_ordered_and_those_without_pairs_left_out():
    cells = {ONNX: examined(answers(SOME)), TFLITE: examined(answers(SOME))}
    moved = {ONNX: examined(answers(SOME + 1)), TFLITE: replace(cells[TFLITE], artifact="d" * 64)}
    a, b = side("a", cells), side("b", moved)
    assert [verdict for verdict, _ in by_verdict(compared_answers([a, b], a))] == ["other answers", "not known"]
