"""Cells of this checkout measured again, in processes of their own."""

from collections.abc import Callable, Sequence

from lab4.domain.errors import Lab4Error
from lab4.domain.figures import RunFigures
from lab4.domain.text import counted
from lab4.interrupts import ending_like_an_interrupt
from lab4.launch.side import LaunchSide
from lab4.launch.suite import measured

#: Fewer runs do not show how runs vary.
_RUNS = 3


def measuring_again(
    side: LaunchSide,
    words: Sequence[str],
    read: Callable[[bytes, int], RunFigures],
    show: Callable[[str], None],
) -> Callable[[Sequence[str]], list[RunFigures]]:
    """A function that measures cells several times with these arguments of pytest; ``read`` takes each run's file.

    It returns the runs that there are: a run that leaves no results ends it, with a sentence to ``show``.
    """

    def measure(cells: Sequence[str]) -> list[RunFigures]:
        runs: list[RunFigures] = []
        try:
            with ending_like_an_interrupt():
                for number in range(1, _RUNS + 1):
                    peers = ", those flagged and some peers" if len(cells) > 1 else ""
                    show(f"second look, run {number} of {_RUNS}: {counted(len(cells), 'cell')}{peers}")
                    runs.append(read(measured(side, words, cells), number))
        except Lab4Error as error:
            show(f"the second look ended early: {error}")
        return runs

    return measure
