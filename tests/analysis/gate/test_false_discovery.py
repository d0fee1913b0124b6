from hypothesis import given
from hypothesis import strategies as st

from lab4.analysis.gate.timed import rejected

CHANCES = st.lists(st.floats(0, 1), min_size=1, max_size=30)


def test_the_step_up_procedure():
    # Benjamini and Hochberg's own example (1995), of which four are rejected at 5%.
    chances = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528]
    chances += [0.7590, 1.0]
    decisions, _ = rejected(chances, [1.0] * 15, 0.05)
    assert decisions == [True] * 4 + [False] * 11


def test_nothing_to_believe():
    assert rejected([], [], 0.01) == ([], 0.01)


def test_a_heavier_hypothesis_needs_less():
    assert rejected([0.008, 0.5], [1.0, 1.0], 0.01)[0] == [False, False]
    assert rejected([0.008, 0.5], [9.0, 1.0], 0.01)[0] == [True, False]


@given(CHANCES, st.floats(0.001, 0.5))
def test_what_is_rarer_is_believed_first(chances, rate):
    decisions, _ = rejected(chances, [1.0] * len(chances), rate)
    believed_ones = [chance for chance, is_believed in zip(chances, decisions, strict=True) if is_believed]
    others = [chance for chance, is_believed in zip(chances, decisions, strict=True) if not is_believed]
    assert not believed_ones or not others or max(believed_ones) <= min(others)


@given(CHANCES, st.floats(0.001, 0.2), st.floats(1, 2))
def test_a_higher_rate_believes_no_less(chances, rate, times):
    weights = [1.0] * len(chances)
    assert sum(rejected(chances, weights, rate)[0]) <= sum(rejected(chances, weights, rate * times)[0])
