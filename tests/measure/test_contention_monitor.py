"""Watching for an uncontended core, on looks that are made up and on this machine's own."""

import pytest

from lab4.kernels import Probe, ProbeTimes
from lab4.measure import bursts as module
from lab4.measure.bursts import ContentionMonitor


def seen(contention, frequency_s=3e-5):
    return Probe({0: ProbeTimes(frequency_s, contention * frequency_s)})


@pytest.fixture
def looks(monkeypatch):
    """Make the next looks at the first core have these contentions; the last goes on."""

    def make(*contentions):
        rest = [seen(each) for each in contentions]
        monkeypatch.setattr(module, "probe", lambda: rest.pop(0) if len(rest) > 1 else rest[0])

    return make


def test_a_core_of_its_own_is_not_waited_for(looks):
    looks(1.4)
    monitor = ContentionMonitor()
    monitor.learn()
    first = monitor.probe()
    assert monitor.wait(first, 10) == (first, pytest.approx(0, abs=1))


def test_it_waits_until_the_neighbour_is_gone(looks):
    looks(*[1.4] * 100, 2.0, 2.0, 2.1, 1.41)
    monitor = ContentionMonitor()
    monitor.learn()
    found, _ = monitor.wait(monitor.probe(), 60)
    assert found == seen(1.41)


def test_patience_has_an_end(looks):
    looks(*[1.4] * 100, 2.0)
    monitor = ContentionMonitor()
    monitor.learn()
    found, waited = monitor.wait(monitor.probe(), 0.001)
    assert found == seen(2.0)
    assert waited >= 0.001


def test_a_long_wait_does_not_make_a_shared_core_look_undisturbed(looks):
    looks(*[1.4] * 100, *[2.0] * 10_000)
    monitor = ContentionMonitor()
    monitor.learn()
    for _ in range(10_000):
        found = monitor.probe()
    assert not monitor.is_uncontended(found)
    assert monitor.uncontended_ratios == seen(1.4).ratios


def test_this_machine_is_looked_at():
    monitor = ContentionMonitor()
    monitor.learn()
    found = monitor.probe()
    assert 1e-6 < found.frequency_s < 1
    assert all(0.01 < each < 100 for each in found.ratios.values())
    assert monitor.uncontended_ratios.keys() == found.ratios.keys()


def test_each_core_has_a_level_of_its_own(monkeypatch):
    both = [Probe({0: ProbeTimes(3e-5, 3e-5), 1: ProbeTimes(4e-5, 8e-5)})]
    monkeypatch.setattr(module, "probe", lambda: both[0])
    monitor = ContentionMonitor()
    monitor.learn()
    assert monitor.uncontended_ratios == {0: 1.0, 1: 2.0}
    assert monitor.is_uncontended(monitor.probe())
    both[0] = Probe({0: ProbeTimes(3e-5, 3e-5), 1: ProbeTimes(4e-5, 10e-5)})
    assert not monitor.is_uncontended(monitor.probe())


def test_a_core_that_comes_later_is_learned_when_it_does(monkeypatch):
    now = [Probe({0: ProbeTimes(3e-5, 3e-5)})]
    monkeypatch.setattr(module, "probe", lambda: now[0])
    monitor = ContentionMonitor()
    monitor.learn()
    now[0] = Probe({1: ProbeTimes(3e-5, 6e-5)})
    monitor.learn()
    assert monitor.uncontended_ratios == {0: 1.0, 1: 2.0}


def test_a_neighbour_that_hashes_is_not_taken_for_an_undisturbed_core(monkeypatch):
    """It slows the reference kernel more than the other, so that their multiple is less than on a core of its own."""
    alone, hashing = ProbeTimes(44e-6, 40e-6), ProbeTimes(70e-6, 56e-6)
    rest = [*[alone] * 100, *[hashing] * 200]
    monkeypatch.setattr(module, "probe", lambda: Probe({0: rest.pop(0)}))
    monitor = ContentionMonitor()
    monitor.learn()
    while rest:
        found = monitor.probe()
    assert not monitor.is_uncontended(found)
    assert monitor.is_uncontended(Probe({0: alone}))
