import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab4.analysis.intervals import paired_loss, wilson


@given(st.integers(1, 5000).flatmap(lambda total: st.tuples(st.integers(0, total), st.just(total))))
def test_a_wilson_interval_holds_its_point_and_stays_between_0_and_1(counts):
    found = wilson(*counts)
    assert 0 <= found.low <= found.value <= found.high <= 1


def test_a_wilson_interval_is_the_published_one():
    found = wilson(81, 263)
    assert (found.low, found.high) == pytest.approx((0.2553, 0.3662), abs=1e-4)  # Newcombe (1998), method 3


@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=300))
def test_a_paired_loss_is_the_difference_of_the_accuracies_inside_its_interval(pairs):
    original, other = zip(*pairs, strict=True)
    found = paired_loss(original, other)
    assert found.value == pytest.approx((sum(original) - sum(other)) / len(pairs))
    assert -1 <= found.low <= found.value <= found.high <= 1


def test_a_loss_on_different_numbers_of_images_is_refused():
    with pytest.raises(ValueError, match="shorter"):
        paired_loss((True, True), (True,))
