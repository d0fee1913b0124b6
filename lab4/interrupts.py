"""Signals that end a run: all take the way of a Ctrl-C, and none cuts the final writing short."""

from __future__ import annotations

import signal
import threading
import traceback
import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

#: What a system or a terminal that closes sends; Windows has no SIGHUP.
_ENDING = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]


def _can_handle() -> bool:
    """Whether this is the main thread: Python handles signals in no other, as where a notebook runs pytest."""
    return threading.current_thread() is threading.main_thread()


def signal_name(number: int) -> str:
    """The signal's name; its number where it has none, as real-time signals have none.

    >>> signal_name(9), signal_name(40)
    ('SIGKILL', 'signal 40')
    """
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _interrupt(number: int, frame: FrameType | None) -> None:
    del frame
    raise KeyboardInterrupt(signal_name(number))


@contextmanager
def ending_like_an_interrupt() -> Iterator[None]:
    """Let SIGTERM and SIGHUP do what a Ctrl-C does, unless somebody has decided otherwise (as nohup does)."""
    ours = [number for number in _ENDING if signal.getsignal(number) is signal.SIG_DFL] if _can_handle() else []
    for number in ours:
        signal.signal(number, _interrupt)
    try:
        yield
    finally:
        for number in ours:
            signal.signal(number, signal.SIG_DFL)


@contextmanager
def swallow_interrupt() -> Iterator[None]:
    """End what is inside at an interrupt, and continue: files that it had just opened are no leak to warn of."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        try:
            yield
        except KeyboardInterrupt as interrupt:
            traceback.clear_frames(interrupt.__traceback__)


@contextmanager
def count_interrupts(so_far: list[int]) -> Iterator[None]:
    """Add a signal that would end the run to ``so_far``; the second one ends it, as a Ctrl-C does."""

    def note(number: int, frame: FrameType | None) -> None:
        so_far.append(number)
        if len(so_far) > 1:
            _interrupt(number, frame)

    with _handling(note):
        yield


@contextmanager
def block_interrupts() -> Iterator[None]:
    """Hold off the signals that end a run for the second that writing its files takes."""
    with _handling(signal.SIG_IGN):
        yield


@contextmanager
def _handling(handler: Callable[[int, FrameType | None], None] | signal.Handlers) -> Iterator[None]:
    numbers = (signal.SIGINT, *_ENDING) if _can_handle() else ()
    before = {number: signal.signal(number, handler) for number in numbers}
    try:
        yield
    finally:
        for number, former in before.items():
            signal.signal(number, former)
