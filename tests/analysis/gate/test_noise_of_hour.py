"""How noisy the hour was, by all cells: what varies more in any case gets no noisier than others."""

from dataclasses import replace
from math import inf, isclose
from random import Random

from hypothesis import given
from hypothesis import strategies as st
from lab4_gate_runs import lucky, timed

from lab4.analysis.gate.timed import _NoiseOfHour
from lab4.analysis.gate.verdict import ExitCode
from lab4.analysis.policy import Policy
from lab4.analysis.spreads import built_in

DEVIATIONS = st.floats(1e-4, 1.0)
RATIOS = st.floats(0.1, 2_500.0)


@given(RATIOS, DEVIATIONS, DEVIATIONS)
def test_noise_adds_to_no_cell_more_than_to_the_usual_one(ratio, known, usual):
    variance = _NoiseOfHour(ratio, usual).variance(known)
    assert variance <= max(ratio, 1) * known**2 * (1 + 1e-9)
    assert variance - known**2 <= max(0, ratio - 1) * usual**2 * (1 + 1e-9)
    assert variance > 0


@given(RATIOS, DEVIATIONS, DEVIATIONS, st.floats(1.0, 10.0))
def test_what_varies_more_in_any_case_still_varies_more(ratio, known, usual, times):
    hour = _NoiseOfHour(ratio, usual)
    assert hour.variance(times * known) >= hour.variance(known) * (1 - 1e-9)


@given(RATIOS, DEVIATIONS)
def test_the_usual_cell_is_noisier_by_the_ratio(ratio, known):
    for usual in (known, inf):
        assert isclose(_NoiseOfHour(ratio, usual).variance(known), ratio * known**2)


def test_a_kind_without_a_name_says_nothing_of_groups():
    hour = _NoiseOfHour(4.0, 0.01, {"": 100.0})
    assert isclose(hour.variance(0.01, ""), 100 * 0.01**2)
    assert isclose(hour.variance(0.01), 4 * 0.01**2)


def test_in_a_noisy_hour_a_doubling_is_seen_also_of_what_varies_most():
    """Every cell varies by a tenth; cells of one runtime are known for three fifths of that, others for a hundredth."""
    wide = {"own": 0.06}
    by_runtime = {"*": {"own": 0.01}, "tensorflow": wide, "tensorflow, long calls": wide}
    known = built_in().deviations | {"latency": {"*": by_runtime}}
    policy = Policy(spreads=replace(built_in(), deviations=known))
    for seed in range(20):
        random = Random(seed)
        before, after = lucky(random, 1, 0.1), lucky(random, 1, 0.1, first=20)
        stops = {each.stops for each in timed(before, after, policy) if each.figure == "latency"}
        assert ExitCode.CANNOT_JUDGE not in stops, seed
