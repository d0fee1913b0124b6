from math import exp, inf, isclose
from random import Random

from lab4.sampling.variances import Prior, Spread, prior_of


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
