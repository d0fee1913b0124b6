"""The tests of several machines as one, with SciPy as the oracle."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from lab4.analysis.gate import timed
from lab4.analysis.release.combining import Combination

CHANGES = st.lists(st.tuples(st.floats(-0.02, 0.05), st.floats(0.01, 0.05)), min_size=2, max_size=20)
TOLERANCE, FREEDOM = 0.005, 8.0


def combination(changes):
    """Machines with these changes and standard errors."""
    return Combination(
        {
            f"m{number}": timed.Tested("latency/a", "latency", timed.OWN, change, error, FREEDOM, TOLERANCE)
            for number, (change, error) in enumerate(changes)
        }
    )


@given(CHANGES)
def test_the_p_value_is_that_of_stouffer_with_weights(changes):
    p_values = [stats.t.sf((change - TOLERANCE) / error, FREEDOM) for change, error in changes]
    expected = stats.combine_pvalues(p_values, "stouffer", weights=[1 / error for _, error in changes])
    assert combination(changes).p_value(1) == pytest.approx(expected.pvalue, rel=1e-6)


@given(CHANGES)
def test_the_other_direction_is_that_of_the_opposite_changes(changes):
    opposite = [(-change, error) for change, error in changes]
    assert combination(changes).p_value(-1) == pytest.approx(combination(opposite).p_value(1))


def test_one_machine_alone_does_not_decide_however_much_it_changed():
    found = combination([(5.0, 0.01), *[(0.0, 0.01)] * 3])
    assert found.without_one(1) > 0.5
    # At most as if it had changed by four standard deviations.
    assert found.p_value(1) > stats.norm.sf(4 / 2)


def test_a_small_change_on_all_is_more_certain_the_more_machines_there_are():
    p_values = [combination([(0.02, 0.01)] * count).p_value(1) for count in (2, 5, 10, 20)]
    assert p_values == sorted(p_values, reverse=True)
    assert p_values[-1] < 1e-6 < p_values[0]
    assert combination([(0.02, 0.01)] * 20).without_one(1) < 0.05


def test_machines_whose_interval_excludes_a_change_do_not_share_it():
    found = combination([(0.05, 0.01), (0.05, 0.01), (-0.05, 0.01), (0.004, 0.01)])
    assert found.sharing(1) == ("m0", "m1", "m3")
