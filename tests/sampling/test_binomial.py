from math import isclose

from hypothesis import given
from hypothesis import strategies as st

from lab4.sampling.binomial import tail, upper

COUNTS = st.integers(0, 200).flatmap(lambda total: st.tuples(st.integers(0, total), st.just(total)))


def test_a_coin():
    assert tail(2, 2) == 0.25
    assert tail(0, 5) == 1
    assert isclose(tail(60, 100), 0.0284439668, rel_tol=1e-8)


def test_no_success_in_ten_leaves_room_for_a_quarter():
    assert isclose(upper(0, 10), 1 - 0.05 ** (1 / 10), rel_tol=1e-9)
    assert upper(5, 5) == 1


@given(COUNTS, st.floats(0.01, 0.99))
def test_more_successes_are_rarer(counts, probability):
    successes, total = counts
    assert tail(successes + 1, total, probability) <= tail(successes, total, probability)


@given(COUNTS)
def test_the_bound_is_above_what_was_seen(counts):
    successes, total = counts
    assert total == 0 or upper(successes, total) >= successes / total
