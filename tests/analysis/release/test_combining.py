"""The tests of all machines together."""

from math import inf

import pytest
from scipy import stats

from lab4.analysis.gate import timed
from lab4.analysis.release.combining import Combination

LIMIT = 5e-5
WITHOUT_ONE = 0.05


def combined(changes, errors):
    tests = zip(changes, errors, strict=True)
    return Combination(
        {str(number): timed.Tested("cell", "latency", "own", *each, 8.0, 0.0) for number, each in enumerate(tests)}
    )


@pytest.mark.parametrize("errors", [(0.02, 0.02), (0.02,) * 5, (0.01, 0.02, 0.05)])
def test_the_change_that_it_says_would_be_seen_is_seen_about_as_often_as_it_says(errors):
    change, draws = combined((0,) * len(errors), errors).least(LIMIT, 0.8), 200
    luck = stats.t(8).rvs((draws, len(errors)), random_state=1)
    found = [combined(change + each * errors, errors) for each in luck]
    seen = sum(each.p_value(1) <= LIMIT and each.without_one(1) <= WITHOUT_ONE for each in found)
    assert 0.7 <= seen / draws <= 0.99


def test_where_one_machine_would_have_to_decide_no_change_would_be_seen():
    assert combined((0, 0), (0.01, 0.1)).least(LIMIT, 0.8) == inf


@pytest.mark.parametrize("errors", [(0.02, 0.03), (0.02,) * 20])
def test_the_threshold_is_where_equal_changes_begin_to_be_seen(errors):
    least = combined((0,) * len(errors), errors).least(LIMIT)
    for factor, is_seen in ((0.95, False), (1.05, True)):
        found = combined((factor * least,) * len(errors), errors)
        assert (found.p_value(1) <= LIMIT and found.without_one(1) <= WITHOUT_ONE) is is_seen
