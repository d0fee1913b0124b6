import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab4.domain.errors import DisagreementError
from lab4.measure.outputs import are_class_scores, difference, matched

NOISE = np.random.default_rng(1).normal(0, 1e-3, (6, 4))


@given(st.permutations(["contour", "note", "onset"]), st.integers(0, 99))
def test_renamed_outputs_of_equal_shape_are_matched_by_value(order, seed):
    rng = np.random.default_rng(seed)
    reference = {name: rng.normal(0, 1, (6, 4)) for name in ("contour", "note", "onset")}
    outputs = {f"Identity_{index}": reference[name] + NOISE for index, name in enumerate(order)}
    found = matched(outputs, reference)
    assert found == {name: f"Identity_{order.index(name)}" for name in reference}


def test_outputs_of_one_name_belong_together_even_where_another_is_nearer():
    reference = {"a": np.zeros(3), "b": np.ones(3)}
    assert matched({"a": np.ones(3), "b": np.zeros(3)}, reference) == {"a": "a", "b": "b"}


def test_an_output_without_a_counterpart_is_named():
    with pytest.raises(DisagreementError, match=r"x \(3\); its original a \(3\), b \(2 x 2\): b has no counterpart"):
        matched({"x": np.zeros(3)}, {"a": np.zeros(3), "b": np.zeros((2, 2))})


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=20))
def test_an_array_is_no_distance_from_itself(values):
    found = difference(np.array(values), np.array(values))
    assert (found.max_abs, found.mean_abs) == (0, 0)
    assert found.cosine == pytest.approx(1)
    assert found.scale == max(map(abs, values))


def test_the_cosine_of_opposites_and_of_nothing():
    ones = np.ones(4)
    assert difference(-ones, ones).cosine == pytest.approx(-1)
    assert difference(np.zeros(4), np.zeros(4)).cosine == 1
    assert difference(ones, np.zeros(4)).cosine == 0


def test_texts_differ_or_do_not():
    found = difference(np.array(["a", "b"], object), np.array(["a", "c"], object))
    assert (found.max_abs, found.mean_abs, found.cosine) == (1, 0.5, 0.5)


def test_only_rows_that_sum_to_one_are_class_scores():
    assert are_class_scores(np.array([[0.25, 0.75]], np.float32))
    assert not are_class_scores(np.array([[0.25, 0.25]], np.float32))
    assert not are_class_scores(np.array([[-0.5, 1.5]], np.float32))
    assert not are_class_scores(np.ones((3, 1), np.float32))
