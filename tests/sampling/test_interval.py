"""The interval of a quantile: its laws, and how often it holds the truth on simulated samples."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab4.sampling.interval import in_rounds, median_interval, quantile_interval
from lab4.sampling.quantiles import median, quantile

values = st.floats(1e-6, 1e3)
passes = st.lists(st.lists(values, min_size=1, max_size=20), min_size=1, max_size=12)


@given(passes)
def test_the_interval_holds_the_median_and_lies_within_the_samples(found):
    interval = median_interval(found)
    every = [each for one in found for each in one]
    assert min(every) <= interval.low <= interval.value <= interval.high <= max(every)
    assert interval.value == median(every)
    assert 0 < interval.effective_samples <= len(every) + 1e-9


@given(passes, st.floats(0.01, 0.99))
def test_every_quantile_lies_within_its_interval_and_that_within_the_samples(found, share):
    interval = quantile_interval(found, share)
    every = sorted(each for one in found for each in one)
    assert every[0] <= interval.low <= interval.value <= interval.high <= every[-1]
    assert interval.value == quantile(every, share)


@given(passes, st.integers(-20, 20))
def test_units_do_not_matter(found, power):
    scale = 2.0**power  # exact
    one, other = median_interval(found), median_interval([[each * scale for each in part] for part in found])
    assert (one.low * scale, one.high * scale) == (other.low, other.high)


@given(passes, st.randoms(use_true_random=False))
def test_the_order_of_rounds_does_not_matter(found, random):
    shuffled = list(found) if len(found) == 1 else random.sample(found, len(found))
    one, other = median_interval(found), median_interval(shuffled)
    assert (one.low, one.high) == pytest.approx((other.low, other.high))


@given(st.lists(values, max_size=30), st.lists(st.integers(1, 5), max_size=6))
def test_samples_are_dealt_to_passes_in_order(samples, sizes):
    sizes = sizes[: len(samples) // 5]
    assert [each for part in in_rounds(samples, sizes) for each in part] == samples[: sum(sizes)]


def test_samples_that_hang_together_count_for_less():
    random = Random(1)
    levels = [random.gauss(100, 5) for _ in range(20)]
    correlated = median_interval([[random.gauss(level, 0.1) for _ in range(100)] for level in levels])
    independent = median_interval([[random.gauss(100, 5) for _ in range(100)] for _ in levels])
    assert correlated.effective_samples < 60
    assert independent.effective_samples > 1000
    assert correlated.relative_half_width > 4 * independent.relative_half_width


def _noise(random):
    """Kinds of noise: seconds of one call, the level of its pass, and the median that is true of them."""
    return {
        "independent": lambda: [[random.gauss(100, 3) for _ in range(40)] for _ in range(12)],
        "levels": lambda: [[random.gauss(level, 1) for _ in range(40)] for level in _levels(random)],
        "heavy tail": lambda: [
            [100 + random.choice((-1, 1)) * (random.paretovariate(1.2) - 1) for _ in range(40)] for _ in range(12)
        ],
        "uneven passes": lambda: [
            [random.gauss(level, 1) for _ in range(random.randint(5, 80))] for level in _levels(random)
        ],
    }


def _levels(random):
    return [random.gauss(100, 4) for _ in range(12)]


@pytest.mark.parametrize("kind", list(_noise(Random(0))))
def test_the_truth_is_inside_nine_times_in_ten(kind):
    draw = _noise(Random(7))[kind]
    inside = 0
    for _ in range(300):
        interval = median_interval(draw())
        inside += interval.low <= 100 <= interval.high
    assert inside >= 270


def test_independent_noise_does_not_widen_it_without_need():
    random = Random(3)
    widths = [
        median_interval([[random.gauss(100, 3) for _ in range(40)] for _ in range(12)]).relative_half_width
        for _ in range(100)
    ]
    # The ideal: 1.96 times 1.2533 times the standard deviation by the root of the count.
    assert median(widths) < 2 * 1.96 * 1.2533 * 0.03 / (40 * 12) ** 0.5
