"""Metrics of predictions: their laws."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab4.domain.observed import PerExample, Score
from lab4.metrics import METRICS, computed, default_metric, metric_name, metric_of
from lab4.metrics.auc import area

labels = st.lists(st.integers(0, 3), min_size=1, max_size=30)
scored = st.lists(st.tuples(st.integers(0, 5), st.booleans()), min_size=2, max_size=40).filter(
    lambda rows: len({truth for _, truth in rows}) > 1
)


def value(name, outputs, truth):
    return METRICS[name].compute(np.asarray(outputs, float), np.asarray(truth)).value


def test_accuracy_keeps_each_example():
    probabilities = np.array([[0.9, 0.1], [0.2, 0.8], [0.6, 0.4]])
    found = computed(("accuracy",), probabilities, np.array([0, 1, 1]))
    assert found == ({"accuracy": PerExample((True, True, False))}, {})


@given(labels)
def test_perfect_predictions_have_the_best_accuracy(truth):
    found = METRICS["accuracy"].compute(np.eye(4)[truth], np.array(truth))
    assert found.value == 1.0


@given(labels, labels)
def test_accuracy_is_a_share_and_the_same_in_any_order(truth, guessed):
    count = min(len(truth), len(guessed))
    outputs, expected = np.eye(4)[guessed[:count]], np.array(truth[:count])
    found = METRICS["accuracy"].compute(outputs, expected)
    assert 0 <= found.value <= 1
    assert METRICS["accuracy"].compute(outputs[::-1], expected[::-1]).correct == found.correct[::-1]


def test_one_column_of_probabilities_is_of_class_1():
    assert METRICS["accuracy"].compute(np.array([[0.2], [0.5], [0.9]]), np.array([0, 1, 0])).correct == (
        True,
        True,
        False,
    )


@given(scored)
def test_the_area_is_the_share_of_pairs_in_the_right_order(rows):
    scores, truth = np.array([score for score, _ in rows], float), np.array([each for _, each in rows])
    pairs = np.sign(scores[truth][:, None] - scores[~truth][None, :])
    assert area(scores, truth) == pytest.approx(((pairs + 1) / 2).mean())


@given(scored)
def test_the_area_of_both_columns_of_two_classes_is_that_of_one(rows):
    scores, truth = np.array([score / 5 for score, _ in rows]), np.array([int(each) for _, each in rows])
    assert value("auc", np.stack([1 - scores, scores], axis=1), truth) == pytest.approx(value("auc", scores, truth))


@given(st.integers(6, 20), st.integers(0, 2**32 - 1))
def test_top_5_counts_the_first_five_of_a_stable_order(classes, seed):
    rng = np.random.default_rng(seed)
    scores, truth = rng.integers(0, 4, (30, classes)), rng.integers(0, classes, 30)
    first = np.argsort(-scores, axis=1, kind="stable")[:, :5]
    assert METRICS["top5"].compute(scores, truth).correct == tuple((first == truth[:, None]).any(axis=1).tolist())


def test_the_mean_absolute_error_is_in_the_unit_of_the_labels():
    assert value("mae", [[1.0], [4.0]], [2.0, 2.0]) == 1.5
    assert value("mae", [[0.75, 0.25]], [0]) == 0.25


@pytest.mark.parametrize(
    ("name", "outputs", "truth", "sentence"),
    [
        (
            "accuracy",
            np.ones((2, 1)) * 7,
            np.array([1.5, 2.5]),
            "the output has the shape (2, 1), not a score for each",
        ),
        ("accuracy", np.ones((2, 3)), np.array([1.5, 2.5]), "the labels are float64 of the shape (2,), not one class"),
        ("accuracy", np.ones((3, 3)), np.array([1, 2, 3]), "the labels go from 1 to 3 and the output has 3 classes; "),
        ("accuracy", np.ones((2, 3)), np.array([0, 9]), "correct the label 9"),
        ("top5", np.ones((2, 5)), np.array([0, 4]), "any label is among the first 5 of 5 classes"),
        ("auc", np.ones((2, 1)), np.array([0, 2]), "the labels are not all 0 or 1"),
        ("auc", np.ones((2, 1)), np.array([1, 1]), "all labels are of one class"),
        ("mae", np.ones((2, 2)), np.ones((2, 3)), "the output has the shape (2, 2) and the labels (2, 3)"),
    ],
)
def test_a_metric_that_does_not_apply_says_why(name, outputs, truth, sentence):
    values, missing = computed((name,), outputs, truth)
    assert values == {}
    assert sentence in missing[name]


@pytest.mark.parametrize(
    ("shape", "truth", "name"),
    [((4, 3), [0, 1, 2, 0], "accuracy"), ((4, 1), [0, 1, 1, 0], "auc"), ((4, 1), [0.5, 1.5, 2.0, 3.0], "mae")],
)
def test_the_default_follows_the_output_and_the_labels(shape, truth, name):
    assert default_metric(np.zeros(shape), np.array(truth)) == name


FUNCTIONS = """
import numpy as np

def largest_error(outputs, labels):
    return np.abs(outputs - labels).max()

largest_error.higher_is_better = False

def is_near(outputs, labels):
    return np.abs(outputs - labels) < 1

def rows(outputs, labels):
    return outputs

def broken(outputs, labels):
    raise KeyError("x")
"""


def test_a_function_is_a_metric(tmp_path):
    (tmp_path / "own.py").write_text(FUNCTIONS)
    names = [f"{tmp_path}/own.py:{name}" for name in ("largest_error", "is_near", "rows", "broken")]
    values, missing = computed(names, np.array([1.0, 4.0]), np.array([1.0, 2.0]))
    assert values == {"largest_error": Score(2.0), "is_near": PerExample((True, False))}
    assert "return one finite number, or 2 truth values" in missing["rows"]
    assert "raised KeyError" in missing["broken"]
    assert metric_of(names[0]).traits.higher_is_better is False
    assert metric_of(names[1]).traits.higher_is_better is None
    assert metric_name(names[0]) == "largest_error"
