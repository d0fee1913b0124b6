"""The laws of keeping fewer samples."""

from itertools import pairwise
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from lab4.measure.bursts import thinned

samples = st.integers(0, 3_000).map(range)


@given(samples, st.integers(1, 3_000), st.randoms(use_true_random=False))
def test_what_is_kept_is_in_order_and_not_too_much(found, most, random):
    kept = list(thinned(found, most, random))
    assert len(kept) == len(found) if len(found) <= most else most / 2 <= len(kept) <= most
    assert kept == sorted(set(kept) & set(found))


@given(st.integers(1, 3_000).map(range), st.integers(1, 3_000), st.randoms(use_true_random=False))
def test_it_is_spread_over_all(found, most, random):
    kept = [-1, *thinned(found, most, random), len(found)]
    step = -(-len(found) // most)
    assert max(later - earlier for earlier, later in pairwise(kept)) <= 2 * step


def test_a_rhythm_is_kept_in_its_proportion():
    random = Random(1)
    kept = [each for _ in range(50) for each in thinned([number % 10 == 3 for number in range(1_000)], 100, random)]
    assert 0.08 < sum(kept) / len(kept) < 0.12
