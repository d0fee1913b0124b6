from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab4.domain.errors import RecordError
from lab4.history.packing import MOST_SAMPLES, SampleLimit, pack_times


def test_a_limit_over_all_samples_names_both_numbers():
    limit = SampleLimit()
    limit.take(MOST_SAMPLES, 100)
    with pytest.raises(RecordError, match=r"2,000,001 samples in 120 characters.* 2,000,000 at most"):
        limit.take(1, 20)


@given(st.lists(st.integers(0, 10**7), max_size=8))
def test_a_real_clocks_times_never_reach_the_limit(counts):
    limit = SampleLimit()
    for count in counts:
        limit.take(count, 2 * count)  # a clock's times pack into two characters per sample at least


def test_a_clocks_times_take_more_characters_than_the_limit_asks_for():
    random = Random(1)
    for step_ns in (1, 10, 41, 100, 1_000):  # of clocks of today, Windows's among them
        times = [round(random.lognormvariate(0, 0.1) * 1e6 / step_ns) * step_ns / 1e9 for _ in range(5_000)]
        assert len(pack_times(times)) > len(times)
