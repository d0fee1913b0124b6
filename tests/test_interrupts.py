"""Interrupts that end a run, and those that it goes on after."""

import gc
import signal
import sys
import threading

import pytest

from lab4.interrupts import ending_like_an_interrupt, keeping_handlers, swallow_interrupt


def test_what_an_interrupt_left_open_is_no_leak(tmp_path):
    """Warnings are errors here: one of a file that was not closed would be the test's."""
    path = tmp_path / "file"
    path.write_bytes(b"")

    def cut():
        opened = path.open("rb")
        raise KeyboardInterrupt(opened.name)

    reached = []
    with swallow_interrupt():
        cut()
        reached.append("the end")  # pragma: no cover  # never
    gc.collect()
    assert reached == []


class Lock:
    """Has one signal sent to this process while it is deleted."""

    def __init__(self, number):
        self.number = number

    def __del__(self):
        signal.raise_signal(self.number)


@pytest.mark.skipif(sys.platform == "win32", reason="no signals on Windows")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_that_comes_while_an_object_is_deleted_is_not_lost(number):
    """Python ignores what a ``__del__`` raises."""
    before = sys.unraisablehook

    def run():
        with ending_like_an_interrupt():
            lock = Lock(number)
            del lock
            threading.Event().wait(60)

    with pytest.raises(KeyboardInterrupt):
        run()
    assert sys.unraisablehook is before


def test_other_errors_that_python_ignores_are_still_shown(capsys, monkeypatch):
    monkeypatch.setattr(sys, "unraisablehook", sys.__unraisablehook__)

    class Fails:
        def __del__(self):
            raise ValueError("not closed")

    with ending_like_an_interrupt():
        fails = Fails()
        del fails
    assert "ValueError: not closed" in capsys.readouterr().err


def test_a_library_that_starts_decides_over_no_signal():
    def ours(number, frame): ...

    before = signal.signal(signal.SIGTERM, ours)
    try:
        with keeping_handlers():
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
        assert signal.getsignal(signal.SIGTERM) is ours
    finally:
        signal.signal(signal.SIGTERM, before)
