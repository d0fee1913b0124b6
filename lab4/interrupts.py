"""Signals that end a run: all take the way of a Ctrl-C, and none cuts the final writing short."""

from __future__ import annotations

import signal
import threading
import traceback
import warnings
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from types import FrameType

#: What a system or a terminal that closes sends; Windows has no SIGHUP.
_ENDING = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]


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


def ending_like_an_interrupt() -> AbstractContextManager[None]:
    """Let SIGTERM and SIGHUP do what a Ctrl-C does, unless somebody has decided otherwise (as nohup does)."""
    return _handling(_interrupt, [number for number in _ENDING if signal.getsignal(number) is signal.SIG_DFL])


@contextmanager
def swallow_interrupt() -> Iterator[None]:
    """End what is inside at an interrupt, and continue: files that it had just opened are no leak to warn of."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        try:
            yield
        except KeyboardInterrupt as interrupt:
            traceback.clear_frames(interrupt.__traceback__)


def count_interrupts(so_far: list[int]) -> AbstractContextManager[None]:
    """Add a signal that would end the run to ``so_far``; the second one ends it, as a Ctrl-C does."""

    def note(number: int, frame: FrameType | None) -> None:
        so_far.append(number)
        if len(so_far) > 1:
            _interrupt(number, frame)

    return _handling(note, (signal.SIGINT, *_ENDING))


def block_interrupts() -> AbstractContextManager[None]:
    """Hold off the signals that end a run for the second that writing its files takes."""
    return _handling(signal.SIG_IGN, (signal.SIGINT, *_ENDING))


@contextmanager
def _handling(
    handler: Callable[[int, FrameType | None], None] | signal.Handlers, numbers: Iterable[int]
) -> Iterator[None]:
    """Handle these signals so; not outside the main thread, where Python cannot, as where a notebook runs pytest."""
    can_handle = threading.current_thread() is threading.main_thread()
    before = {number: signal.signal(number, handler) for number in numbers} if can_handle else {}
    try:
        yield
    finally:
        for number, former in before.items():
            signal.signal(number, former)
