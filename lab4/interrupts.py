"""Signals that end a run: all take the way of a Ctrl-C, and none cuts the final writing short."""

from __future__ import annotations

import _thread
import signal
import sys
import threading
import traceback
import warnings
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from types import FrameType

#: What a system or a terminal that closes sends; Windows has no SIGHUP.
_ENDING = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
#: Until a signal is sent once more: seconds.
_AGAIN_S = 0.01


class InterruptedWithRemark(KeyboardInterrupt):
    """An interrupt whose text is a sentence for the user."""


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
    """Let SIGTERM and SIGHUP do what a Ctrl-C does, unless somebody has decided otherwise (as nohup does).

    No such signal and no Ctrl-C is lost, whatever this process does when it comes.
    """
    ending = [number for number in _ENDING if signal.getsignal(number) is signal.SIG_DFL]
    with _handling(_interrupt, ending), _sent_again_where_ignored():
        yield


@contextmanager
def keeping_handlers() -> Iterator[None]:
    """Handle the signals that end a run as before, whatever a library that starts inside has decided."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, *_ENDING)}
    try:
        yield
    finally:
        if threading.current_thread() is threading.main_thread():
            _set(before)


@contextmanager
def _sent_again_where_ignored() -> Iterator[None]:
    """Interrupt once more where Python drops an interrupt, as it does with all that a ``__del__`` raises."""
    former = sys.unraisablehook

    def hook(unraisable: sys.UnraisableHookArgs) -> None:
        if isinstance(unraisable.exc_value, KeyboardInterrupt):
            threading.Timer(_AGAIN_S, _send, [str(unraisable.exc_value)]).start()
        else:
            former(unraisable)

    sys.unraisablehook = hook
    try:
        yield
    finally:
        sys.unraisablehook = former


def _send(name: str) -> None:
    """Send the main thread the signal of this name (none: of a Ctrl-C), also where it waits for something."""
    number = signal.Signals[name] if name else signal.SIGINT
    main_thread = threading.main_thread().ident
    if main_thread is not None and sys.platform != "win32":
        signal.pthread_kill(main_thread, number)
    else:
        _thread.interrupt_main(number)


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
        _set(before)


def _set(handlers: Mapping[int, Callable[[int, FrameType | None], object] | int | None]) -> None:
    """Set handlers of signals again, apart from those of native code, which Python has as ``None``."""
    for number, former in handlers.items():
        if former is not None:
            signal.signal(number, former)
