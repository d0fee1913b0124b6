"""What only warns, and what is expected, in the order of the policy's rules."""

from datetime import date

import pytest

from lab4.analysis.gate.judge import permitted
from lab4.analysis.gate.verdict import Evidence, ExitCode, Verdict, VerdictOutcome
from lab4.analysis.policy import ExpectedRule, Policy, PolicyRule

WORSE = Verdict("latency/a", "latency", VerdictOutcome.WORSE, "slower", Evidence(change=0.1), ExitCode.REGRESSION)
TODAY = date(2026, 6, 10)
OLD = ExpectedRule("*", "*", 0.2, date(2026, 6, 1), "old")
RENEWED = ExpectedRule("*a", "*", 0.2, date(2026, 7, 1), "renewed")


@pytest.mark.parametrize("expected", [[OLD, RENEWED], [RENEWED, OLD]])
def test_an_expectation_that_was_renewed_holds_wherever_the_old_one_stands(expected):
    found = permitted(WORSE, Policy(expected=expected), TODAY)
    assert found.stops is ExitCode.PASSED
    assert "renewed" in found.reason


def test_one_that_has_passed_says_so():
    found = permitted(WORSE, Policy(expected=[OLD]), TODAY)
    assert found.stops is ExitCode.REGRESSION
    assert "which has passed" in found.reason


def test_more_than_was_expected_stops():
    more = Verdict("latency/a", "latency", VerdictOutcome.WORSE, "", Evidence(change=0.3), ExitCode.REGRESSION)
    assert permitted(more, Policy(expected=[RENEWED]), TODAY) == more


def test_what_only_warns_says_so():
    found = permitted(WORSE, Policy(warn=[PolicyRule("*", "latency")]), TODAY)
    assert found.stops is ExitCode.PASSED
    assert "only warns" in found.reason
