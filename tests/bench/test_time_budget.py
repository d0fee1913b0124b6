"""The laws of sharing a session's time among its rounds."""

from hypothesis import given
from hypothesis import strategies as st

from lab4.bench.measurement_session import TimeBudget

budgets = st.builds(TimeBudget, st.floats(0, 1e4), st.integers(1, 100))
numbers, turns, times = st.integers(1, 200), st.integers(1, 100), st.floats(0, 2e4)


@given(budgets, numbers, turns, times)
def test_a_turn_waits_for_a_second_at_most_and_never_when_its_pass_has_had_its_time(budget, number, left, elapsed):
    wait_s = budget.wait_s(number, left, elapsed)
    assert 0 <= wait_s <= 1
    if elapsed >= budget.seconds * min(1, number / budget.rounds):
        assert wait_s == 0
    if budget.is_spent(elapsed):
        assert wait_s == 0


@given(budgets, numbers, turns, times, times)
def test_the_more_time_has_gone_the_less_a_turn_waits(budget, number, left, one, other):
    early, late = sorted((one, other))
    assert budget.wait_s(number, left, early) >= budget.wait_s(number, left, late)


@given(budgets, numbers, turns, times)
def test_a_later_pass_has_what_an_earlier_one_left(budget, number, left, elapsed):
    assert budget.wait_s(number + 1, left, elapsed) >= budget.wait_s(number, left, elapsed)


@given(st.integers(1, 30), st.integers(1, 60), st.floats(0.1, 1))
def test_however_long_turns_want_to_wait_all_are_made_in_the_time_and_hardly_more(passes, seats, cell_s):
    """A co-runner that never pauses: every window waits as long as it may, then takes a hundredth of its share."""
    budget, elapsed = TimeBudget(cell_s * seats, passes), 0.0
    work = budget.seconds / passes / seats / 100
    for number in range(1, passes + 1):
        for turn in range(seats):
            elapsed += budget.wait_s(number, seats - turn, elapsed) + work
    assert elapsed <= 1.02 * budget.seconds + 1e-9
