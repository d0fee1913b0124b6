"""The laws of choosing calls that had their core to themselves."""

from hypothesis import given
from hypothesis import strategies as st

from lab4.sampling.contention import is_alone, quietest, undisturbed

ratios = st.lists(st.floats(0.9, 3), min_size=1, max_size=120)
flagged = st.lists(
    st.lists(st.tuples(st.floats(1e-6, 1e-2), st.booleans()), min_size=1, max_size=8), min_size=1, max_size=12
)


def chosen(passes):
    samples = [sample for each in passes for sample, _ in each]
    flags = [flag for each in passes for _, flag in each]
    return undisturbed(samples, [len(each) for each in passes], flags)


@given(flagged)
def test_undisturbed_calls_are_kept_in_their_passes_and_nothing_is_where_too_few_passes_have_any(passes):
    kept = [[sample for sample, flag in each if flag] for each in passes]
    enough = sum(map(bool, kept)) >= min(3, len(passes))
    assert chosen(passes) == (kept if enough else None)


@given(flagged, st.integers(0, 200))
def test_where_it_is_not_told_of_every_call_all_are_believed(passes, told):
    samples = [sample for each in passes for sample, _ in each]
    sizes = [len(each) for each in passes]
    if told != len(samples):
        assert [each for kept in undisturbed(samples, sizes, [False] * told) for each in kept] == samples


@given(ratios, st.floats(0.1, 10))
def test_the_kernels_own_unit_does_not_matter(found, unit):
    least, other = quietest(found), quietest([each * unit for each in found])
    near = [each for each in found if abs(each / least - 1.08) < 1e-6]
    if not near:
        assert [is_alone(each / least) for each in found] == [is_alone(each * unit / other) for each in found]


@given(st.integers(0, 400), st.integers(100, 150), st.integers(0, 400))
def test_however_rarely_a_core_is_undisturbed_it_is_known_by_that(before, alone, after):
    found = [*[1.5] * before, *[1.0] * alone, *[1.6] * after]
    assert quietest(found) == 1.0


def test_a_single_moment_in_which_the_other_kernel_was_late_is_not_the_quietest():
    assert quietest([0.4, *[1.0] * 50, *[1.5] * 50]) == 1.0
