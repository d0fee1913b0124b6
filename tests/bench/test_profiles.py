import pytest

from lab4.bench.profiles import PROFILES, QUICK


@pytest.mark.parametrize("name", sorted(PROFILES))
def test_no_cell_usually_takes_longer_than_it_may(name):
    profile = PROFILES[name]
    assert 0 < profile.usual_cell_s <= profile.cell_s


def test_a_cell_of_the_quick_profile_usually_ends_long_before_its_time_is_up():
    assert QUICK.usual_cell_s <= QUICK.cell_s / 2
