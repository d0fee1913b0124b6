"""Interleaved runs: threads stand for their processes, over real sockets."""

import os
import socket
from contextlib import closing
from threading import Event, Lock, Thread

import pytest

from lab4.domain.errors import Lab4Error
from lab4.interleaving import Interleaver, Interleaving

RUNS = 2


class Joined:
    """An interleaver and so many runs; ``work`` is what each does, given its number and its side of it."""

    def __init__(self, monkeypatch, work, runs=RUNS):
        self.log, self.running = [], dict.fromkeys(range(runs), True)
        with closing(Interleaver(runs)) as interleaver:
            sides = []
            for number in range(runs):
                for name, value in interleaver.environment(number).items():
                    monkeypatch.setenv(name, value)
                sides.append(Interleaving.joined())
            threads = [Thread(target=self.run, args=(work, number, each)) for number, each in enumerate(sides)]
            for each in threads:
                each.start()
            interleaver.serve(lambda number: self.running[number])
            for each in threads:
                each.join()
        for each in sides:
            each.close()
        self.sides = sides

    def run(self, work, number, side):
        try:
            work(number, side, self.log)
        finally:
            self.running[number] = False


def test_the_first_to_time_a_cell_alternates(monkeypatch):
    """From one window of the cell to the next, whatever other cells are between; where it begins, chance says."""

    def work(number, side, log):
        for cell in ("a", "b", "a", "a", "b", "b", "a", "b"):
            side.next_window(cell)
            log.append((cell, number))
        side.meet()

    log = Joined(monkeypatch, work).log
    assert [one for one, _ in log[::2]] == [other for other, _ in log[1::2]]  # one after the other, of one cell
    for cell in "ab":
        first = [number for own, number in log[::2] if own == cell]
        assert first in ([0, 1, 0, 1], [1, 0, 1, 0])


def test_runs_of_an_earlier_lab4_which_name_no_cell_are_interleaved(monkeypatch):
    def work(number, side, log):
        for _ in range(4):
            side._ask(b"window")
            log.append(number)

    log = Joined(monkeypatch, work).log
    assert log in ([0, 1, 1, 0] * 2, [1, 0, 0, 1] * 2)


@pytest.mark.parametrize("runs", [1, 2, 3])
def test_one_works_at_a_time(monkeypatch, runs):
    alone = Lock()

    def work(_, side, log):
        for _ in range(50):
            side.next_window("cell")
            log.append(alone.acquire(blocking=False))
            alone.release()

    assert Joined(monkeypatch, work, runs).log == [True] * 50 * runs


def test_whoever_has_finished_waits_for_the_others(monkeypatch):
    def work(number, side, log):
        for _ in range(3 * number):
            side.next_window("cell")
            log.append("timed")
        side.meet()
        log.append("met")

    assert Joined(monkeypatch, work).log == ["timed"] * 3 + ["met"] * 2


def test_a_run_that_ends_keeps_nobody_waiting(monkeypatch):
    def work(number, side, log):
        for _ in range(1 if number else 5):
            side.next_window("cell")
            log.append(number)

    found = Joined(monkeypatch, work)
    assert sorted(found.log) == [0] * 5 + [1]
    assert found.sides[0].waited_s > 0


def test_a_run_that_is_measured_alone_waits_for_nobody(monkeypatch):
    monkeypatch.delenv("LAB4_INTERLEAVED", raising=False)
    side = Interleaving.joined()
    side.next_window("cell")
    side.meet()
    assert side.waited_s == 0


def test_children_of_a_run_do_not_join(monkeypatch):
    with closing(Interleaver(1)) as interleaver:
        for name, value in interleaver.environment(0).items():
            monkeypatch.setenv(name, value)
        Interleaving.joined().close()
        assert not set(interleaver.environment(0)) & set(os.environ)


def test_a_run_knows_for_how_long_it_is_to_time_its_cells(monkeypatch):
    with closing(Interleaver(1, 2.5)) as interleaver:
        for name, value in interleaver.environment(0).items():
            monkeypatch.setenv(name, value)
        side = Interleaving.joined()
        assert side.least_s == 2.5
        side.close()
    assert Interleaving.joined().least_s == 0


def test_a_run_goes_on_when_the_interleaver_has_ended(monkeypatch):
    interleaver = Interleaver(2)
    for name, value in interleaver.environment(0).items():
        monkeypatch.setenv(name, value)
    side, went_on = Interleaving.joined(), Event()
    asking = Thread(target=lambda: (side.next_window("cell"), went_on.set()))
    asking.start()
    interleaver.close()
    asking.join()
    side.next_window("cell")
    assert went_on.is_set()


def test_an_interleaver_that_is_not_there_is_refused_in_one_sentence(monkeypatch):
    with closing(Interleaver(1)) as interleaver:
        given = interleaver.environment(0)
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(Lab4Error, match="cannot be interleaved with another: "):
        Interleaving.joined()


def test_a_stranger_is_not_answered(monkeypatch):
    def work(number, side, log):
        side.next_window("cell")
        log.append(number)

    def meddling(number, side, log):
        if number == 0:
            address = side._connection.getpeername()
            with socket.create_connection(address) as stranger:
                stranger.sendall(b"1 guess\nwindow\n")
                log.append(stranger.recv(10))
            with socket.create_connection(address) as stranger:
                stranger.sendall(b"\xff" * 10_000)
        work(number, side, log)

    assert Joined(monkeypatch, meddling).log[0] == b""
