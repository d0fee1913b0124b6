"""When interleaved measuring ends for a cell."""

from math import exp, log1p

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab4.analysis.gate.interleaved import EARLY_MISS_RATE, is_decided
from lab4.analysis.gate.verdict import Evidence, Verdict, VerdictOutcome
from lab4.analysis.policy import Policy, ThresholdRule
from lab4.sampling.student import tail

POLICY = Policy()
AIM, SHARE = 0.05, 0.04


def latency(change, error, freedom=20.0, verdict=VerdictOutcome.SAME):
    evidence = Evidence(change=change, standard_error=error, degrees_of_freedom=freedom)
    return Verdict("latency/cnn-cpu-b1-onnx", "latency", verdict, "", evidence)


@given(st.floats(0.1, 8), st.floats(2, 200), st.floats(0.001, 1), st.sampled_from([-1, 1]))
def test_of_those_that_changed_a_look_ends_no_more_than_its_share(luck, freedom, share, side):
    """What a true change by the aim shows, by so much luck, and how often chance does that."""
    error = 0.002
    shown = exp(side * (log1p(AIM) - luck * error)) - 1
    if is_decided(latency(shown, error, freedom), POLICY, AIM, share):
        assert tail(luck, freedom) <= EARLY_MISS_RATE * share * (1 + 1e-6)


@given(st.floats(-0.05, 0.05), st.floats(0.0005, 0.05), st.floats(0.001, 1))
def test_a_smaller_error_or_a_greater_share_never_opens_a_cell_again(change, error, share):
    if is_decided(latency(change, error), POLICY, AIM, share):
        assert is_decided(latency(change, error / 2), POLICY, AIM, share)
        assert is_decided(latency(change, error), POLICY, AIM, min(1.0, share * 2))


def test_what_is_known_well_is_decided_and_what_is_not_is_not():
    assert is_decided(latency(0.0, 0.01), POLICY, AIM, SHARE)
    assert not is_decided(latency(0.0, 0.01), POLICY, 0.02, SHARE)
    assert not is_decided(latency(0.0, 0.03), POLICY, AIM, SHARE)
    assert not is_decided(latency(0.049, 0.002), POLICY, AIM, SHARE)
    assert not is_decided(Verdict("a", "latency", VerdictOutcome.INCONCLUSIVE, "unknown"), POLICY, AIM, SHARE)


def test_a_policy_that_tolerates_more_is_decided_sooner():
    loose = Policy(thresholds=[ThresholdRule(figure="latency", change=0.10)])
    assert not is_decided(latency(0.04, 0.01), POLICY, AIM, SHARE)
    assert is_decided(latency(0.04, 0.01), loose, AIM, SHARE)


@pytest.mark.parametrize("verdict", [VerdictOutcome.WORSE, VerdictOutcome.BETTER])
def test_a_verdict_is_one(verdict):
    assert is_decided(latency(0.5, 0.1, verdict=verdict), POLICY, AIM, SHARE)


@pytest.mark.parametrize(("chance", "ended"), [(None, True), (0.01, True), (0.0001, False)])
def test_a_figure_that_nobody_waits_for_waits_for_what_is_rare(chance, ended):
    judged = Verdict("latency/a", "p99", VerdictOutcome.SAME, "", Evidence(p_value=chance))
    assert is_decided(judged, POLICY, AIM, SHARE) is ended
