from math import exp, inf, isclose
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from lab4.sampling.variances import Prior, Spread, moderated, prior_of

VARIANCES, FREEDOMS = st.floats(1e-8, 1e4), st.floats(0.1, 100.0)


def drawn(random, variance, freedom):
    return Spread(variance * sum(random.gauss(0, 1) ** 2 for _ in range(freedom)) / freedom, freedom)


def test_alike_things_share_one_variance():
    random = Random(1)
    prior = prior_of([drawn(random, 4.0, 6) for _ in range(400)])
    assert prior.freedom > 60
    assert isclose(prior.variance, 4.0, rel_tol=0.1)


def test_things_that_differ_keep_their_own():
    random = Random(2)
    things = [drawn(random, exp(random.gauss(0, 2)), 8) for _ in range(400)]
    prior = prior_of(things)
    assert prior.freedom < 2
    assert isclose(prior.moderated(things[0]).variance, things[0].variance, rel_tol=0.5)


def test_a_thing_without_freedom_has_the_prior():
    assert Prior(2.0, 5.0).moderated(Spread(0.0, 0)) == Spread(2.0, 5.0)
    assert Prior(2.0, inf).moderated(Spread(9.0, 3)) == Spread(2.0, inf)


def test_two_runs_that_agree_to_the_nanosecond_are_not_noiseless():
    random = Random(3)
    things = [Spread(0.0, 1), *(drawn(random, 1.0, 4) for _ in range(50))]
    assert prior_of(things).moderated(things[0]).variance > 0.1


def test_too_little_says_nothing():
    assert prior_of([]) is None
    assert prior_of([Spread(1.0, 3)]) is None
    assert prior_of([Spread(0.0, 3), Spread(0.0, 3)]) is None
    assert prior_of([Spread(1.0, 0), Spread(1.0, 0)]) is None


def test_two_that_are_alike_by_chance_are_known_no_better_than_both_together():
    things = [Spread(1.0, 1), Spread(1.01, 1)]
    prior = prior_of(things)
    assert prior.freedom == inf
    assert prior.moderated(things[0]).freedom == 2


@given(VARIANCES, FREEDOMS, st.floats(0.0, 3.0), FREEDOMS)
def test_what_is_known_and_what_is_seen_count_by_their_freedom_where_they_agree(variance, freedom, ratio, own):
    known, seen = Spread(variance, freedom), Spread(variance * ratio, own)
    mixed = (freedom * known.variance + own * seen.variance) / (freedom + own)
    assert isclose(moderated(known, seen).variance, mixed, rel_tol=1e-9)
    assert isclose(moderated(known, seen).freedom, freedom + own)


@given(VARIANCES, FREEDOMS, VARIANCES, FREEDOMS)
def test_a_moderated_variance_lies_between_both_and_has_no_more_freedom_than_both(variance, freedom, seen, own):
    found = moderated(Spread(variance, freedom), Spread(seen, own))
    assert min(variance, seen) * (1 - 1e-9) <= found.variance <= max(variance, seen) * (1 + 1e-9)
    assert own <= found.freedom <= (freedom + own) * (1 + 1e-9)


@given(VARIANCES, FREEDOMS, VARIANCES, st.floats(1.0, 10.0), FREEDOMS)
def test_what_varies_more_is_taken_to_vary_more(variance, freedom, seen, times, own):
    known = Spread(variance, freedom)
    found = [moderated(known, Spread(seen * each, own)).variance for each in (1.0, times)]
    assert found[1] >= found[0] * (1 - 1e-9)


def test_of_what_varies_much_more_than_is_known_its_own_variance_counts():
    found = moderated(Spread(1.0, 12.0), Spread(64.0, 6.0))
    assert found.variance > 0.9 * 64
    assert found.freedom < 7


def test_of_what_no_run_has_shown_the_known_variance_counts():
    assert moderated(Spread(2.0, 12.0), Spread(0.0, 0.0)) == Spread(2.0, 12.0)
