"""Watching for an undisturbed core, on looks that are made up and on this machine's own."""

import pytest

from lab4.kernels.beside import Look
from lab4.measure import watch as module
from lab4.measure.watch import Watch


@pytest.fixture
def looks(monkeypatch):
    """Make the next looks have these contentions; the last goes on."""

    def make(*contentions):
        rest = list(contentions)
        monkeypatch.setattr(module, "beside", lambda: Look(3e-5, rest.pop(0) if len(rest) > 1 else rest[0]))

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
    assert found == Look(3e-5, 1.41)


def test_patience_has_an_end(looks):
    looks(*[1.4] * 100, 2.0)
    watch = Watch()
    watch.learn()
    found, waited = watch.wait(watch.look(), 0.001)
    assert found.contention == 2.0
    assert waited >= 0.001


def test_a_long_wait_does_not_make_a_shared_core_look_undisturbed(looks):
    looks(*[1.4] * 100, *[2.0] * 10_000)
    watch = Watch()
    watch.learn()
    for _ in range(10_000):
        found = watch.look()
    assert not watch.is_alone(found)
    assert watch.level == 1.4


def test_this_machine_is_looked_at():
    watch = Watch()
    watch.learn()
    found = watch.look()
    assert 1e-6 < found.reference_s < 1
    assert 0.01 < found.contention < 100
