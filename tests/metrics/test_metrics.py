"""Metrics of predictions: their laws."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from lab4.domain.observed import PerExample
from lab4.metrics import METRICS, computed

labels = st.lists(st.integers(0, 3), min_size=1, max_size=30)


def test_accuracy_keeps_each_example():
    probabilities = np.array([[0.9, 0.1], [0.2, 0.8], [0.6, 0.4]])
    assert computed(("accuracy",), probabilities, np.array([0, 1, 1])) == {"accuracy": PerExample((True, True, False))}


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
