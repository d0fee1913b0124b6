"""The verdict of a pruning schedule: a bound beyond the margin, never the mean alone."""

from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.harness.pruning_schedules import Results, lower_bound, passes

POINTS = st.lists(st.floats(-5, 5), min_size=2, max_size=9)


def test_the_bound_is_that_of_students_t():
    # 2.131847 is the t of 0.95 with 4 degrees of freedom.
    assert lower_bound([0.0, 0.1, 0.2, 0.3, 0.4]) == pytest.approx(0.2 - 2.131847 * 0.025**0.5 / 5**0.5)


def test_one_seed_shows_nothing():
    assert lower_bound([3.0]) == lower_bound([]) == -inf
    assert not passes({"original": [3.0], "control": [3.0]})


def test_both_margins_must_be_kept():
    close, far = [0.0, 0.01, -0.01], [-0.6, -0.61, -0.59]
    assert passes({"original": close, "control": close})
    assert not passes({"original": close, "control": far})
    assert not passes({"original": far, "control": close})


def test_a_mean_within_the_margin_is_not_enough_where_seeds_differ():
    assert not passes({"original": [0.0, 0.0, 0.0], "control": [-1.5, 0.0, 1.4]})


@given(POINTS, st.floats(-3, 3))
def test_the_bound_is_below_the_mean_and_moves_with_it(found, shift):
    assert lower_bound(found) <= sum(found) / len(found) + 1e-9
    assert lower_bound([each + shift for each in found]) == pytest.approx(lower_bound(found) + shift, abs=1e-9)


def test_what_a_file_has_is_not_made_again(tmp_path):
    path = tmp_path / "results.jsonl"
    assert Results(path).of(("cnn", 1), lambda: {"accuracy": 97.0}) == {"accuracy": 97.0}
    assert Results(path).of(("cnn", 1), lambda: pytest.fail("made again")) == {"accuracy": 97.0}
    Results(path).of(("cnn", 2), lambda: {"accuracy": 96.0})
    assert len(path.read_text().splitlines()) == 2
