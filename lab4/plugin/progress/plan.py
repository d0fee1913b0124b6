"""How many cells are done, what each has measured, how long the rest will take."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lab4.domain.cell import KINDS, LATENCY
from lab4.domain.outcome import Failed, Measured, Unavailable
from lab4.report.terminal import cell_figures

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from lab4.domain.outcome import Measurement
    from lab4.domain.progress import Step

#: What a cell of a kind costs in the quick profile, in seconds, before any was seen: the first cells of a kind build
#: what later ones use.
_PRIOR = dict(zip(KINDS, (4.0, 0.4, 0.4), strict=True))


def remaining_s(spent: dict[str, tuple[int, float]], left: dict[str, int]) -> float:
    """Seconds that the cells left will take.

    ``spent`` is cells and seconds by kind; ``left`` cells by kind. A kind that has begun continues as it was; one
    that has not is taken from what the others cost, by how kinds usually compare. What was timed does not count: how
    long that takes is the profile's choice, and says nothing of the machine.
    """
    seen = {kind: each for kind, each in spent.items() if kind != LATENCY}
    expected = sum(_PRIOR[kind] * cells for kind, (cells, _) in seen.items())
    scale = sum(seconds for _, seconds in seen.values()) / expected if expected else 1.0
    total = 0.0
    for kind, cells in left.items():
        done, seconds = spent.get(kind, (0, 0.0))
        total += cells * (seconds / done if done else scale * _PRIOR[kind])
    return total


def in_minutes(seconds: float) -> str:
    """A time as people read it.

    >>> in_minutes(4.2), in_minutes(83)
    ('4 s', '1 min 23 s')
    """
    minutes, rest = divmod(round(seconds), 60)
    return f"{f'{minutes} min ' if minutes else ''}{rest} s"


class Plan:
    """Counts cells against the plan; ``now`` reads a clock in seconds.

    ``timed_cell_s`` is how long a cell is timed, at most, on average over all timed cells.
    """

    def __init__(self, planned: Sequence[str], now: Callable[[], float], timed_cell_s: float = 0.0) -> None:
        self._keys = dict.fromkeys(planned)
        self.total = len(planned)
        self._width = max((len(key) for key in planned), default=0)
        self._now = now
        self._started = self._last = now()
        self._timed_cell_s = timed_cell_s
        self._spent: dict[str, tuple[int, float]] = {}
        self._ahead: set[str] = set()
        #: Cells that were measured ahead and have been recorded since, and what that took.
        self._recorded = (0, 0.0)
        #: Keys of cells whose device or runtime is not here: they end at once.
        self.absent: set[str] = set()
        self._step: tuple[Step, float] | None = None

    @property
    def done(self) -> int:
        """How many cells have ended."""
        return self.total - len(self._keys)

    @property
    def elapsed_s(self) -> float:
        """How long the run has lasted."""
        return self._now() - self._started

    def done_ahead(self, kind: str) -> None:
        """The cells left of a kind have been measured together since the last one ended; each has yet to report."""
        now = self._now()
        self._spent[kind] = (max(1, self.left[kind]), now - self._last)
        self._ahead.add(kind)
        self._last = now
        self._step = None

    def skip(self, keys: Sequence[str]) -> None:
        """Take cells off the plan that an earlier session has measured, and start the clock."""
        for key in keys:
            self._keys.pop(key, None)
        self._last = self._now()

    @property
    def left(self) -> dict[str, int]:
        """How many cells of each kind have not ended and take time."""
        keys = [key for key in [*self._keys] if key not in self.absent]  # a thread that shows progress reads it
        return {kind: sum(key.startswith(f"{kind}/") for key in keys) for kind in KINDS}

    def at(self, step: Step) -> None:
        """The run is at this step, which knows how long its phase takes."""
        self._step = step, self._now()

    def prepared(self) -> None:
        """What the next cells need is there, which is no part of what they cost."""
        self._last = self._now()
        self._step = None

    def end(self, measurement: Measurement) -> None:
        """The cell has ended."""
        kind, now = measurement.cell.kind, self._now()
        cells, seconds = self._spent.get(kind, (0, 0.0))
        self._keys.pop(measurement.cell.key, None)  # a test that is run again has ended once
        if kind in self._ahead:
            recorded, recording_s = self._recorded
            self._recorded = (recorded + 1, recording_s + now - self._last)
        elif not isinstance(measurement.outcome, Unavailable):  # a skip says nothing of what a measured cell costs
            self._spent[kind] = (cells + 1, seconds + now - self._last)
        self._last = now

    @property
    def left_s(self) -> float | None:
        """Seconds until all cells have ended: it counts down while one is measured; ``None`` before any was."""
        left, spent, at = self.left, dict(self._spent), self._step
        if not any(left.values()):
            return 0.0
        timed_s, is_of_step = 0.0, False
        if LATENCY in self._ahead:
            recorded, recording_s = self._recorded
            timed_s, left[LATENCY] = left[LATENCY] * recording_s / max(1, recorded), 0
        elif at is not None and at[0].left_s is not None:
            (step, since), is_of_step = at, True
            timed_s, left[LATENCY] = max(0.0, (step.left_s or 0.0) - (self._now() - since)), 0
        elif self._timed_cell_s:
            timed_s, left[LATENCY] = left[LATENCY] * self._timed_cell_s, 0
        if not spent and any(left.values()):
            return None
        going_s = 0.0 if is_of_step else self._now() - self._last
        return timed_s + max(0.0, remaining_s(spent, left) - going_s)

    def line(self, measurement: Measurement) -> str:
        """The cell, what it measured, and how many are done."""
        width = len(f"{self.total}/{self.total}")
        text = f"{f'{self.done}/{self.total}':>{width}}  {measurement.cell.key:<{self._width}}"
        return f"{text}  {_outcome_text(measurement)}".rstrip()


def _outcome_text(measurement: Measurement) -> str:
    match measurement.outcome:
        case Measured() as measured:
            return cell_figures(measurement.cell, measured)
        case Unavailable(reason):
            return f"not measured: {reason}"
        case Failed(reason):
            return f"FAILED: {reason}"
