"""The laws of choosing calls that had their core to themselves."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab4.sampling.contention import is_uncontended, uncontended_ratio_of, uncontended_samples

looks = st.lists(st.tuples(st.floats(0.9, 1.1), st.floats(0.9, 3)), min_size=1, max_size=120)
flagged = st.lists(
    st.lists(st.tuples(st.floats(1e-6, 1e-2), st.booleans()), min_size=1, max_size=8), min_size=1, max_size=12
)


def chosen(rounds):
    samples = [sample for each in rounds for sample, _ in each]
    flags = [flag for each in rounds for _, flag in each]
    return uncontended_samples(samples, [len(each) for each in rounds], flags)


@given(flagged)
def test_uncontended_calls_are_kept_in_their_rounds_and_nothing_is_where_too_few_rounds_have_any(rounds):
    kept = [[sample for sample, flag in each if flag] for each in rounds]
    enough = sum(map(bool, kept)) >= min(3, len(rounds))
    assert chosen(rounds) == (kept if enough else None)


@given(flagged, st.integers(0, 200))
def test_flags_of_other_than_every_call_are_not_used(rounds, count):
    samples = [sample for each in rounds for sample, _ in each]
    sizes = [len(each) for each in rounds]
    if count != len(samples):
        assert [each for kept in uncontended_samples(samples, sizes, [False] * count) for each in kept] == samples


def test_a_burst_that_lost_its_core_for_a_while_is_contended_whatever_the_probes_say():
    assert is_uncontended({0: 1.4}, {0: 1.4}, lost=0.01)
    assert not is_uncontended({0: 1.4}, {0: 1.4}, lost=0.3)


@given(looks, st.floats(0.1, 10))
def test_the_kernels_own_unit_does_not_matter(found, unit):
    scaled = [(reference, contention * unit) for reference, contention in found]
    least, other = uncontended_ratio_of(found), uncontended_ratio_of(scaled)
    assert other == pytest.approx(least * unit)
    ratios = [contention / reference for reference, contention in found]
    near = [each for each in ratios if min(abs(each / least - 1.08), abs(least / each - 1.08)) < 1e-6]
    if not near:
        found = [is_uncontended({0: each}, {0: least}) for each in ratios]
        assert found == [is_uncontended({0: each * unit}, {0: other}) for each in ratios]


@given(st.integers(0, 400), st.integers(100, 150), st.integers(0, 400))
def test_however_rarely_a_core_is_uncontended_its_level_is_learned(before, uncontended, after):
    assert uncontended_ratio_of([*[(1, 1.5)] * before, *[(1, 1.0)] * uncontended, *[(1, 1.6)] * after]) == 1.0


@given(st.integers(0, 400), st.integers(100, 150), st.floats(1.03, 3), st.floats(1.03, 3))
def test_a_co_runner_that_slows_both_probes_does_not_change_the_level(contended, uncontended, one, other):
    found = [*[(one, other * 0.9)] * contended, *[(1, 0.9)] * uncontended]
    assert uncontended_ratio_of(found) == 0.9


@given(st.lists(st.floats(1, 3), min_size=1, max_size=400))
def test_the_machines_speed_does_not_change_the_level(slower):
    assert uncontended_ratio_of([(each, each * 0.9) for each in slower]) == pytest.approx(0.9)


def test_moments_in_which_the_other_kernel_was_late_are_not_the_quietest():
    assert uncontended_ratio_of([(2.5, 1.0), *[(1, 1.0)] * 50, *[(1, 1.5)] * 50]) == 1.0
    assert uncontended_ratio_of([*[(1.6, 1.3)] * 50, *[(1, 1.0)] * 50]) == 1.0


@given(st.floats(0.5, 2), st.floats(0.5, 2))
def test_a_core_is_uncontended_near_its_level_on_either_side(ratio, usual):
    assert is_uncontended({0: ratio}, {0: usual}) == (max(ratio / usual, usual / ratio) <= 1.08)


def test_all_cores_must_be_uncontended():
    assert is_uncontended({0: 1.0, 1: 2.0}, {0: 1.0, 1: 2.0})
    assert not is_uncontended({0: 1.0, 1: 2.2}, {0: 1.0, 1: 2.0})
    assert is_uncontended({5: 3.0}, {})
