import os
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.harness.contiguous import unpinned
from lab4.measure.cores import choose, pinned

needs_affinity = pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="threads cannot be held here")


def alone(core):
    return frozenset({core})


def paired(core):
    return frozenset({core % 4, core % 4 + 4})


def test_the_highest_cores_are_chosen():
    assert choose(2, range(4), alone) == (2, 3)


def test_cores_of_their_own_come_before_shared_ones():
    assert choose(4, range(8), paired) == (4, 5, 6, 7)
    assert choose(2, {0, 3, 7}, paired) == (0, 7)


@given(st.integers(1, 20), st.sets(st.integers(0, 7), min_size=1))
def test_as_many_as_asked_for_or_all_and_only_what_is_allowed(threads, allowed):
    chosen = choose(threads, allowed, paired)
    assert len(set(chosen)) == len(chosen) == min(threads, len(allowed))
    assert set(chosen) <= allowed


@needs_affinity
def test_a_thread_started_meanwhile_is_held_too_and_all_is_as_before_afterwards():
    before = os.sched_getaffinity(0)
    seen = []
    with pinned(1) as cores:
        thread = threading.Thread(target=lambda: seen.append(os.sched_getaffinity(0)))
        thread.start()
        thread.join()
        assert os.sched_getaffinity(0) == set(cores)
    assert seen == [set(cores)]
    assert os.sched_getaffinity(0) == before


@needs_affinity
def test_an_error_inside_lets_go_as_well():
    before = os.sched_getaffinity(0)
    with pytest.raises(KeyError), pinned(1):
        raise KeyError
    assert os.sched_getaffinity(0) == before


def test_without_a_number_nothing_is_held():
    with pinned(None) as cores:
        assert cores is None


def test_a_system_that_cannot_says_so(monkeypatch):
    monkeypatch.delattr(os, "sched_setaffinity", raising=False)
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    with pinned(1) as cores, unpinned():
        assert cores is None


@needs_affinity
def test_a_system_that_forbids_it_says_so(monkeypatch):
    def refuse(*_):
        raise PermissionError

    monkeypatch.setattr(os, "sched_setaffinity", refuse)
    with pinned(1) as cores:
        assert cores is None


@needs_affinity
def test_letting_go_reaches_every_thread():
    done = threading.Event()
    before = os.sched_getaffinity(0)
    with pinned(1) as cores:
        thread = threading.Thread(target=done.wait)
        thread.start()
        with unpinned():
            assert os.sched_getaffinity(thread.native_id) == os.sched_getaffinity(0) == before
        assert os.sched_getaffinity(thread.native_id) == set(cores)
    done.set()
    thread.join()


def test_of_several_kinds_of_cores_the_fastest_come_first():
    def speed(core):
        return 5_000_000 if core < 4 else 3_500_000

    def siblings(core):
        return frozenset({core, core ^ 1}) if core < 4 else frozenset({core})

    assert choose(1, range(12), siblings, speed) == (3,)
    assert choose(2, range(12), siblings, speed) == (1, 3)
    assert choose(3, range(12), siblings, speed) == (1, 3, 11)
