"""Times, as records write them."""

from datetime import datetime, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab4.domain.fields import timestamp

zones = st.builds("{}{:02d}:{:02d}".format, st.sampled_from("+-"), st.integers(0, 23), st.integers(0, 59))


@given(st.datetimes(), zones)
def test_a_time_that_is_taken_can_be_told_in_utc(moment, zone):
    text = moment.isoformat() + zone
    try:
        taken = timestamp(text)
    except ValueError:
        assert moment.year in {1, 9999}  # elsewhere no zone reaches the end of time
    else:
        datetime.fromisoformat(taken).astimezone(timezone.utc)


@pytest.mark.parametrize("text", ["9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+23:59"])
def test_a_time_beyond_all_years_is_none(text):
    with pytest.raises(ValueError, match="not within the years 1 to 9999"):
        timestamp(text)
