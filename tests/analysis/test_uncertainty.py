from dataclasses import replace

import pytest
from lab4_examples import latency

from lab4.analysis.distribution import Uncertainty, summarize, two_digits, uncertainty
from lab4.domain.observed import Series, SystemActivity

QUIET = SystemActivity(
    wall_s=1.0,
    cpu_s=1.0,
    collections=0,
    steal_s=0.0,
    involuntary_switches=1,
    major_faults=0,
    minor_faults=10,
    throttles=0,
    load_average=1.0,
    least_frequency_hz=3e9,
    most_frequency_hz=3e9,
)
WIDE = tuple(1e-6 * (1 + number % 7) for number in range(70))


def judged(samples_s=WIDE, **changes):
    found = latency(samples_s, **({"threads": 1, "probe_s": (3e-5,) * 9, "system_activity": QUIET} | changes))
    return uncertainty(found, summarize(found).interval)


def test_a_median_that_is_known_is_known_whatever_was_seen():
    assert judged((1e-6,) * 50, ended="target", system_activity=replace(QUIET, steal_s=0.5)).is_reached


def test_one_of_contended_calls_only_is_not_known_however_little_it_varies():
    found = judged((1e-6,) * 50, ended="budget", uncontended=(False,) * 50)
    assert found.state == "contended"
    assert "co-runner on the core (100% of calls)" in found.causes[0]


@pytest.mark.parametrize(("rounds", "state"), [(2, "contended"), (3, "few_rounds"), (5, "few_rounds"), (6, "reached")])
def test_one_of_few_uncontended_rounds_is_of_these_but_their_interval_covers_too_little(rounds, state):
    calls = Series((1e-6, 1.4e-6) * 10, (2,) * 10, 1, "call")
    flags = (True, False) * rounds + (False, False) * (10 - rounds)
    found = judged(calls=calls, uncontended=flags)
    assert found.state == state
    assert found.rounds == (rounds if state == "few_rounds" else 0)


def test_one_of_few_rounds_is_known_if_all_were_uncontended():
    calls = Series((1e-6,) * 10, (5, 5), 1, "call")
    assert judged(calls=calls, uncontended=(True,) * 10).is_reached


def test_contended_calls_do_no_harm_with_enough_uncontended_ones():
    calls = Series((1e-6, 1e-6, 1.4e-6) * 20, (6,) * 10, 1, "call")
    assert judged(calls=calls, uncontended=(True, True, False) * 20).is_reached


def test_one_whose_budget_was_spent_at_its_target_has_reached_it():
    assert judged((1e-6,) * 50, target=0.02).is_reached


def test_one_that_never_met_it_has_missed_it_and_nothing_is_made_up():
    assert judged().state == "missed"
    assert judged().causes == ()
    assert judged(system_activity=None).causes == ()


def test_an_interrupted_one_is_called_so():
    assert judged(ended="interrupted").state == "interrupted"


def test_an_older_record_without_a_target_has_not_missed_it():
    assert judged(target=None).is_reached


@pytest.mark.parametrize(
    ("change", "cause"),
    [
        ({"steal_s": 0.05}, "stolen"),
        ({"throttles": 1}, "heat"),
        ({"major_faults": 1}, "disk"),
        ({"involuntary_switches": 900}, "other threads"),
        ({"minor_faults": 50_000}, "page faults"),
        ({"most_frequency_hz": 3.6e9}, "frequency"),
        ({"collections": 2}, "garbage"),
        ({"load_average": 3.0}, "other programs"),
    ],
)
def test_what_was_seen_next_to_a_missed_target_is_named(change, cause):
    causes = judged(system_activity=replace(QUIET, **change)).causes
    assert len(causes) == 1
    assert cause in causes[0]


def test_a_machine_that_changed_its_speed_is_named():
    (cause,) = judged(probe_s=(3e-5,) * 5 + (3.3e-5,) * 5).causes
    assert "speed" in cause


def test_a_system_that_tells_nothing_is_blamed_for_nothing():
    silent = SystemActivity(1.0, 1.0, 0, None, None, None, None, None, None, None, None)
    assert judged(system_activity=silent).causes == ()


def test_a_shared_core_is_named_with_how_often():
    (cause,) = judged(uncontended=(True,) * 42 + (False,) * 28).causes
    assert cause == "a co-runner on the core (40% of calls)"
    assert judged(uncontended=(True,) * 69 + (False,)).causes == ()


@pytest.mark.parametrize(
    ("state", "text"),
    [
        ("reached", "\u00b1 4.1%"),
        ("missed", "\u00b1 4.1%, wanted 2%"),
        ("contended", "\u00b1 4.1%, from contended calls"),
        ("few_rounds", "\u00b1 4.1%, from 5 uncontended rounds"),
        ("interrupted", "\u00b1 4.1%, interrupted"),
    ],
)
def test_an_uncertainty_says_what_is_lacking(state, text):
    assert Uncertainty(0.0413, 0.02 if state == "missed" else 0.05, state, rounds=5).text == text


def test_a_wide_interval_of_contended_calls_lacks_both():
    found = judged(ended="budget", uncontended=(False,) * 70)
    assert found.state == "contended"
    assert found.is_wide
    assert found.text.endswith(", wanted 2%, from contended calls")


@pytest.mark.parametrize(
    ("share", "text"), [(0.0, "0%"), (0.00041, "0.041%"), (0.0999, "10%"), (0.123, "12%"), (12.3, "1,200%")]
)
def test_a_share_has_two_digits(share, text):
    assert two_digits(share) == text
