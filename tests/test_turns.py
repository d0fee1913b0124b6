"""Runs that take turns: threads stand for their processes, over real sockets."""

import os
import socket
from contextlib import closing
from threading import Event, Lock, Thread

import pytest

from lab4.turns import TurnKeeper, Turns

RUNS = 2


class Joined:
    """A keeper and so many runs; ``work`` is what each does, given its number and its turns."""

    def __init__(self, monkeypatch, work, runs=RUNS):
        self.log, self.running = [], dict.fromkeys(range(runs), True)
        with closing(TurnKeeper(runs)) as keeper:
            turns = []
            for number in range(runs):
                for name, value in keeper.environment(number).items():
                    monkeypatch.setenv(name, value)
                turns.append(Turns.joined())
            threads = [Thread(target=self.run, args=(work, number, each)) for number, each in enumerate(turns)]
            for each in threads:
                each.start()
            keeper.serve(lambda number: self.running[number])
            for each in threads:
                each.join()
        for each in turns:
            each.close()
        self.turns = turns

    def run(self, work, number, turns):
        try:
            work(number, turns, self.log)
        finally:
            self.running[number] = False


def test_the_first_alternates(monkeypatch):
    def work(number, turns, log):
        for _ in range(4):
            turns.take()
            log.append(number)
        turns.meet()

    assert Joined(monkeypatch, work).log == [0, 1, 1, 0, 0, 1, 1, 0]


@pytest.mark.parametrize("runs", [1, 2, 3])
def test_one_works_at_a_time(monkeypatch, runs):
    alone = Lock()

    def work(_, turns, log):
        for _ in range(50):
            turns.take()
            log.append(alone.acquire(blocking=False))
            alone.release()

    assert Joined(monkeypatch, work, runs).log == [True] * 50 * runs


def test_whoever_has_finished_waits_for_the_others(monkeypatch):
    def work(number, turns, log):
        for _ in range(3 * number):
            turns.take()
            log.append("timed")
        turns.meet()
        log.append("met")

    assert Joined(monkeypatch, work).log == ["timed"] * 3 + ["met"] * 2


def test_a_run_that_ends_keeps_nobody_waiting(monkeypatch):
    def work(number, turns, log):
        for _ in range(1 if number else 5):
            turns.take()
            log.append(number)

    found = Joined(monkeypatch, work)
    assert sorted(found.log) == [0] * 5 + [1]
    assert found.turns[0].waited_s > 0


def test_a_run_that_is_measured_alone_waits_for_nobody(monkeypatch):
    monkeypatch.delenv("LAB4_TURNS", raising=False)
    turns = Turns.joined()
    turns.take()
    turns.meet()
    assert turns.waited_s == 0


def test_children_of_a_run_do_not_join(monkeypatch):
    with closing(TurnKeeper(1)) as keeper:
        for name, value in keeper.environment(0).items():
            monkeypatch.setenv(name, value)
        Turns.joined().close()
        assert not set(keeper.environment(0)) & set(os.environ)


def test_a_run_knows_for_how_long_it_is_to_time_its_cells(monkeypatch):
    with closing(TurnKeeper(1, 2.5)) as keeper:
        for name, value in keeper.environment(0).items():
            monkeypatch.setenv(name, value)
        turns = Turns.joined()
        assert turns.least_s == 2.5
        turns.close()
    assert Turns.joined().least_s == 0


def test_a_run_goes_on_when_the_keeper_has_ended(monkeypatch):
    keeper = TurnKeeper(2)
    for name, value in keeper.environment(0).items():
        monkeypatch.setenv(name, value)
    turns, went_on = Turns.joined(), Event()
    asking = Thread(target=lambda: (turns.take(), went_on.set()))
    asking.start()
    keeper.close()
    asking.join()
    turns.take()
    assert went_on.is_set()


def test_a_stranger_gets_no_turn(monkeypatch):
    def work(number, turns, log):
        turns.take()
        log.append(number)

    def meddling(number, turns, log):
        if number == 0:
            address = turns._connection.getpeername()
            with socket.create_connection(address) as stranger:
                stranger.sendall(b"1 guess\nturn\n")
                log.append(stranger.recv(10))
            with socket.create_connection(address) as stranger:
                stranger.sendall(b"\xff" * 10_000)
        work(number, turns, log)

    assert Joined(monkeypatch, meddling).log[0] == b""
