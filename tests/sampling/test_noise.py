"""How noisy the hour was, by all cells: what varies more in any case gets no noisier than others."""

from math import inf, isclose

from hypothesis import given
from hypothesis import strategies as st

from lab4.sampling.noise import NoiseOfHour

DEVIATIONS = st.floats(1e-4, 1.0)
RATIOS = st.floats(0.1, 2_500.0)


@given(RATIOS, DEVIATIONS, DEVIATIONS)
def test_noise_adds_to_no_cell_more_than_to_the_usual_one(ratio, known, usual):
    for kind in (None, "a kind"):
        variance = NoiseOfHour(ratio, usual).variance(known, kind)
        assert 0 < variance <= max(ratio, 1) * known**2 * (1 + 1e-9)
        assert variance <= (known**2 + max(0, ratio - 1) * usual**2) * (1 + 1e-9)


@given(RATIOS, DEVIATIONS, DEVIATIONS, st.floats(1.0, 10.0))
def test_what_varies_more_in_any_case_still_varies_more(ratio, known, usual, times):
    hour = NoiseOfHour(ratio, usual)
    for kind in (None, "a kind"):
        assert hour.variance(times * known, kind) >= hour.variance(known, kind) * (1 - 1e-9)


@given(RATIOS, DEVIATIONS)
def test_the_usual_cell_is_noisier_by_the_ratio(ratio, known):
    for usual in (known, inf):
        assert isclose(NoiseOfHour(ratio, usual).variance(known, "a kind"), ratio * known**2)


@given(RATIOS, DEVIATIONS, DEVIATIONS)
def test_a_calm_hour_makes_no_group_calmer_and_a_noisy_one_makes_it_as_noisy_as_a_cell(ratio, known, usual):
    hour = NoiseOfHour(ratio, usual)
    assert hour.variance(known) == max(known**2, hour.variance(known, "a kind"))


def test_a_kind_without_a_name_says_nothing_of_groups():
    hour = NoiseOfHour(4.0, 0.01, {"": 100.0})
    assert isclose(hour.variance(0.01, ""), 100 * 0.01**2)
    assert isclose(hour.variance(0.01), 4 * 0.01**2)
