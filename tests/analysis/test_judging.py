"""The laws of the statistic that judges."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lab4_examples import latency

from lab4.analysis.distribution import comparison_s, relative, usual_probe_s
from lab4.domain.observed import Series

times = st.floats(1e-6, 1e-2)
rounds = st.lists(st.tuples(st.lists(times, min_size=1, max_size=20), st.floats(1e-5, 1e-4)), min_size=1, max_size=12)


def of(found):
    samples_s = tuple(each for samples, _ in found for each in samples)
    sizes = tuple(len(samples) for samples, _ in found)
    return latency(calls=Series(samples_s, sizes, 1, "call"), probe_s=tuple(beside for _, beside in found))


@given(rounds, st.lists(st.floats(0.5, 2), min_size=12, max_size=12))
def test_the_machines_own_speed_does_not_matter_round_by_round(found, speeds):
    slowed = [
        ([each * speed for each in samples], beside * speed)
        for (samples, beside), speed in zip(found, speeds, strict=False)
    ]
    assert relative(of(slowed)) == pytest.approx(relative(of(found)))


@given(rounds, st.floats(1.001, 3))
def test_slower_code_is_as_much_slower(found, factor):
    slowed = [([each * factor for each in samples], beside) for samples, beside in found]
    assert relative(of(slowed)) == pytest.approx(factor * relative(of(found)))


@given(rounds, st.randoms(use_true_random=False))
def test_the_order_of_rounds_does_not_matter(found, random):
    assert relative(of(random.sample(found, len(found)))) == relative(of(found))


def test_rounds_of_two_calls_are_taken_together():
    """Every third call waits for 20 ms more, as `model.predict` does."""
    calls = [(0.025 if number % 3 else 0.045) for number in range(24)]
    assert relative(of([(sorted(calls[at : at + 2]), 1.0) for at in range(0, 24, 2)])) == 0.025


@given(rounds)
def test_no_round_that_was_contended_makes_it_better(found):
    worse = [([each * 3 for each in found[0][0]], found[0][1]), *found[1:]]
    assert relative(of(worse)) >= relative(of(found))


def test_a_few_contended_rounds_change_nothing():
    quiet = [([1e-3] * 10, 3e-5)] * 12
    assert relative(of([([2e-3] * 10, 3e-5)] * 3 + quiet[3:])) == relative(of(quiet))


def test_seconds_are_at_the_usual_speed_of_the_run():
    fast, slow = of([([1e-3] * 9, 3e-5)] * 4), of([([2e-3] * 9, 6e-5)] * 4)
    usual = usual_probe_s([fast, slow])
    assert usual == pytest.approx(4.5e-5)
    assert comparison_s(fast, usual) == pytest.approx(comparison_s(slow, usual)) == pytest.approx(1.5e-3)
    assert comparison_s(fast) == pytest.approx(1e-3)


@pytest.mark.parametrize("probe_s", [(), (3e-5, 0.0), (3e-5,)])
def test_without_the_kernel_beside_every_pass_it_is_plain_seconds(probe_s):
    found = latency(calls=Series((1e-3,) * 8, (4, 4), 1, "call"), probe_s=probe_s)
    assert comparison_s(found) == comparison_s(found, 4e-5) == relative(found) == 1e-3


def test_a_record_without_the_kernel_has_no_usual_speed():
    assert usual_probe_s([latency(probe_s=())]) is None


@given(rounds, st.floats(1, 40))
def test_calls_that_shared_their_core_do_not_count(found, times_slower):
    whole = of([([*samples, *(each * times_slower for each in samples)], beside) for samples, beside in found])
    flags = tuple(flag for samples, _ in found for flag in [True] * len(samples) + [False] * len(samples))
    assert relative(replace(whole, uncontended=flags)) == relative(of(found))


def test_rounds_without_an_uncontended_call_do_not_count():
    found = [([1e-3 * (1 + number)] * 4, 3e-5) for number in range(8)]
    flags = (False,) * 16 + (True,) * 16
    assert relative(replace(of(found), uncontended=flags)) == relative(of(found[4:]))


def test_with_too_few_uncontended_calls_all_count():
    found = [([1e-3 * (1 + number)] * 4, 3e-5) for number in range(8)]
    flags = (False,) * 28 + (True,) * 4
    assert relative(replace(of(found), uncontended=flags)) == relative(of(found))
