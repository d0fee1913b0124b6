from dataclasses import replace

import pytest
from lab4_examples import latency

from lab4.analysis.distribution import stability, summarize
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
    return stability(found, summarize(found).interval)


def test_a_cell_whose_median_is_known_is_steady_whatever_was_seen():
    assert judged((1e-6,) * 50, ended="target", system_activity=replace(QUIET, steal_s=0.5)).state == "steady"


def test_one_that_never_had_its_core_to_itself_is_unstable_however_little_it_varies():
    found = judged((1e-6,) * 50, ended="budget", uncontended=(False,) * 50)
    assert found.state == "unstable"
    assert "co-runner on the core (100% of calls)" in found.causes[0]


@pytest.mark.parametrize(("rounds", "state"), [(5, "unstable"), (6, "steady")])
def test_one_of_few_uncontended_rounds_is_unstable_since_their_interval_covers_too_little(rounds, state):
    calls = Series((1e-6, 1.4e-6) * 10, (2,) * 10, 1, "call")
    flags = (True, False) * rounds + (False, False) * (10 - rounds)
    assert judged(calls=calls, uncontended=flags).state == state


def test_one_of_few_rounds_is_steady_if_all_were_uncontended():
    calls = Series((1e-6,) * 10, (5, 5), 1, "call")
    assert judged(calls=calls, uncontended=(True,) * 10).state == "steady"


def test_contended_calls_do_not_make_one_unstable_with_enough_uncontended_ones():
    calls = Series((1e-6, 1e-6, 1.4e-6) * 20, (6,) * 10, 1, "call")
    assert judged(calls=calls, uncontended=(True, True, False) * 20).state == "steady"


def test_one_whose_budget_was_spent_at_its_target_is_steady():
    assert judged((1e-6,) * 50, target=0.02).state == "steady"


def test_one_that_never_met_it_is_unstable_and_nothing_is_made_up():
    assert judged().state == "unstable"
    assert judged().causes == ()
    assert judged(system_activity=None).causes == ()


def test_an_interrupted_one_is_neither():
    assert judged(ended="interrupted").state == "interrupted"


def test_an_older_record_without_a_target_is_not_called_unstable():
    assert judged(target=None).state == "steady"


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
def test_what_was_seen_beside_an_unstable_one_is_named(change, cause):
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
