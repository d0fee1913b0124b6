import random
import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.harness.crosscheck.ranks import median_interval, reaches

values = st.lists(st.floats(1e-7, 1e3), min_size=1, max_size=60)
confidences = st.floats(0.001, 0.999)


@given(values, confidences)
def test_the_interval_contains_the_median_of_the_sample(sample, confidence):
    low, high = median_interval(sample, confidence)
    middle = statistics.median(sample)
    assert low <= middle * (1 + 1e-12)
    assert middle <= high * (1 + 1e-12)


@given(values, confidences)
def test_the_ends_are_values_of_the_sample(sample, confidence):
    assert set(median_interval(sample, confidence)) <= set(sample)


@given(values, confidences, confidences)
def test_more_confidence_never_narrows_the_interval(sample, one, other):
    less, more = sorted((one, other))
    narrow, wide = median_interval(sample, less), median_interval(sample, more)
    assert wide[0] <= narrow[0]
    assert narrow[1] <= wide[1]


@given(values, confidences, st.randoms(use_true_random=False))
def test_the_order_of_the_values_does_not_matter(sample, confidence, chance):
    shuffled = sample[:]
    chance.shuffle(shuffled)
    assert median_interval(shuffled, confidence) == median_interval(sample, confidence)


@given(values, confidences, st.integers(-20, 20))
def test_the_interval_scales_with_the_values(sample, confidence, power):
    factor = 2.0**power  # a power of two is exact
    low, high = median_interval(sample, confidence)
    assert median_interval([value * factor for value in sample], confidence) == (low * factor, high * factor)


@given(st.lists(st.floats(1e-7, 1e3), min_size=1, max_size=5))
def test_five_values_are_too_few_and_give_their_whole_range(sample):
    assert not reaches(len(sample))
    assert median_interval(sample) == (min(sample), max(sample))


@pytest.mark.parametrize(
    ("count", "rank"), [(6, 1), (8, 1), (9, 2), (11, 2), (12, 3), (20, 6), (25, 8), (30, 10), (50, 18), (100, 40)]
)
def test_the_ranks_are_those_of_the_printed_tables(count, rank):
    # Table A.10 of Hollander and Wolfe, and every table of the sign test at 5%, two-sided.
    assert median_interval(range(1, count + 1)) == (rank, count + 1 - rank)


@pytest.mark.parametrize(("count", "confidence"), [(7, 0.95), (11, 0.95), (31, 0.95), (11, 0.5), (9, 0.99)])
def test_the_true_median_is_covered_as_often_as_stated(count, confidence):
    chance = random.Random(count)  # a simulation, not a secret
    trials = 2000
    covered = 0
    for _ in range(trials):
        low, high = median_interval([chance.lognormvariate(0, 1) for _ in range(count)], confidence)
        covered += low <= 1 <= high
    # Three standard errors of the simulation.
    slack = 3 * (confidence * (1 - confidence) / trials) ** 0.5
    assert covered / trials >= confidence - slack


def test_thousands_of_values_do_not_overflow():
    low, high = median_interval(range(5000))
    assert 2400 < low < 2500 < high < 2600


def test_no_values_are_refused():
    with pytest.raises(ValueError, match="at least one"):
        median_interval([])


@pytest.mark.parametrize("confidence", [0, 1, -0.1, 95, float("nan")])
def test_a_confidence_that_is_no_fraction_is_refused(confidence):
    with pytest.raises(ValueError, match="between 0 and 1"):
        median_interval([1.0], confidence)
