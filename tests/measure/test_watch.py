"""Watching for an undisturbed core, on looks that are made up and on this machine's own."""

import pytest

from lab4.kernels.beside import Kernels, Look
from lab4.measure import watch as module
from lab4.measure.watch import Watch


def seen(contention, reference_s=3e-5):
    return Look({0: Kernels(reference_s, contention * reference_s)})


@pytest.fixture
def looks(monkeypatch):
    """Make the next looks at the first core have these contentions; the last goes on."""

    def make(*contentions):
        rest = [seen(each) for each in contentions]
        monkeypatch.setattr(module, "beside", lambda: rest.pop(0) if len(rest) > 1 else rest[0])

    return make


def test_a_core_of_its_own_is_not_waited_for(looks):
    looks(1.4)
    watch = Watch()
    watch.learn()
    first = watch.look()
    assert watch.wait(first, 10) == (first, pytest.approx(0, abs=1))


def test_it_waits_until_the_neighbour_is_gone(looks):
    looks(*[1.4] * 100, 2.0, 2.0, 2.1, 1.41)
    watch = Watch()
    watch.learn()
    found, _ = watch.wait(watch.look(), 60)
    assert found == seen(1.41)


def test_patience_has_an_end(looks):
    looks(*[1.4] * 100, 2.0)
    watch = Watch()
    watch.learn()
    found, waited = watch.wait(watch.look(), 0.001)
    assert found == seen(2.0)
    assert waited >= 0.001


def test_a_long_wait_does_not_make_a_shared_core_look_undisturbed(looks):
    looks(*[1.4] * 100, *[2.0] * 10_000)
    watch = Watch()
    watch.learn()
    for _ in range(10_000):
        found = watch.look()
    assert not watch.is_alone(found)
    assert watch.levels == seen(1.4).ratios


def test_this_machine_is_looked_at():
    watch = Watch()
    watch.learn()
    found = watch.look()
    assert 1e-6 < found.reference_s < 1
    assert all(0.01 < each < 100 for each in found.ratios.values())
    assert watch.levels.keys() == found.ratios.keys()


def test_each_core_has_a_level_of_its_own(monkeypatch):
    both = [Look({0: Kernels(3e-5, 3e-5), 1: Kernels(4e-5, 8e-5)})]
    monkeypatch.setattr(module, "beside", lambda: both[0])
    watch = Watch()
    watch.learn()
    assert watch.levels == {0: 1.0, 1: 2.0}
    assert watch.is_alone(watch.look())
    both[0] = Look({0: Kernels(3e-5, 3e-5), 1: Kernels(4e-5, 10e-5)})
    assert not watch.is_alone(watch.look())


def test_a_core_that_comes_later_is_learned_when_it_does(monkeypatch):
    now = [Look({0: Kernels(3e-5, 3e-5)})]
    monkeypatch.setattr(module, "beside", lambda: now[0])
    watch = Watch()
    watch.learn()
    now[0] = Look({1: Kernels(3e-5, 6e-5)})
    watch.learn()
    assert watch.levels == {0: 1.0, 1: 2.0}


def test_a_neighbour_that_hashes_is_not_taken_for_an_undisturbed_core(monkeypatch):
    """It slows the reference kernel more than the other, so that their multiple is less than on a core of its own."""
    alone, hashing = Kernels(44e-6, 40e-6), Kernels(70e-6, 56e-6)
    rest = [*[alone] * 100, *[hashing] * 200]
    monkeypatch.setattr(module, "beside", lambda: Look({0: rest.pop(0)}))
    watch = Watch()
    watch.learn()
    while rest:
        found = watch.look()
    assert not watch.is_alone(found)
    assert watch.is_alone(Look({0: alone}))
