"""What a policy tolerates need not be seen."""

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lab4_gate_runs import CELLS, lucky, timed, verdicts

from lab4.analysis.gate.verdict import ExitCode, VerdictOutcome
from lab4.analysis.policy import Policy, ThresholdRule

INT8 = "latency/cnn-cpu-b1-tflite_int8"


def judged(change, factor=1.0, seed=1, noise=0.01, sizes=(10, 3)):
    random = Random(seed)
    before = lucky(random, sizes[0], noise)
    after = lucky(random, sizes[1], noise, first=20, factors={INT8: factor})
    return timed(before, after, Policy(thresholds=[ThresholdRule(figure="latency", change=change)]))


@pytest.mark.parametrize("change", [0.6, 2.0])
def test_a_threshold_wider_than_what_must_be_seen_passes_unchanged_code_and_stops_more(change):
    assert {verdicts(judged(change))[key, "latency"] for key in CELLS} == {VerdictOutcome.SAME}
    assert verdicts(judged(change, 1 + change / 2))[INT8, "latency"] is VerdictOutcome.SAME
    assert verdicts(judged(change, 1.2 * (1 + change)))[INT8, "latency"] is VerdictOutcome.WORSE


def test_runs_that_show_nothing_do_not_pass_by_a_wide_threshold():
    stops = {each.stops for each in judged(0.6, noise=0.5, sizes=(1, 1)) if each.figure == "latency"}
    assert ExitCode.CANNOT_JUDGE in stops


@settings(deadline=None, max_examples=25)
@given(st.floats(0, 5), st.integers(0, 2**32))
def test_calm_runs_can_be_judged_at_any_threshold(change, seed):
    assert not [each for each in judged(change, seed=seed) if each.stops is ExitCode.CANNOT_JUDGE]


@settings(deadline=None, max_examples=40)
@given(st.floats(1.3, 4), st.sampled_from([0.05, 0.2, 0.5]), st.integers(0, 2**32))
def test_what_is_inconclusive_is_not_shown_next_to_a_threshold_beyond_a_doubling(factor, noise, seed):
    random = Random(seed)
    before = lucky(random, 1, noise)
    for each in timed(before, lucky(random, 1, noise, first=20, factors={INT8: factor})):
        threshold = each.evidence.threshold
        if each.outcome is VerdictOutcome.INCONCLUSIVE:
            assert (threshold is None) == (each.evidence.low is None)
            assert threshold is None or threshold <= 1.0 + 1e-9


@pytest.mark.parametrize("paired", [False, True])
def test_what_would_help_is_what_can_be_had(paired):
    random = Random(3)
    runs = [lucky(random, 2, 0.9, first=first) for first in (0, 20)]
    reasons = [each.reason for each in timed(*runs, paired=paired) if each.stops is ExitCode.CANNOT_JUDGE]
    assert reasons
    for reason in reasons:
        assert ("pairs of runs, in more --minutes, would do" in reason) == paired, reason
