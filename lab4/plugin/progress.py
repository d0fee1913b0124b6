"""One line per cell: how many are done, what it measured, how long the rest will take."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lab4.domain.cell import KINDS
from lab4.domain.outcome import Failed, Measured, Unavailable
from lab4.report.terminal import cell_figures

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from lab4.domain.outcome import Measurement

#: What a cell of a kind costs relative to others of the quick profile, before any was seen: the first cells of a kind
#: build what later ones use.
_PRIOR = dict(zip(KINDS, (4.0, 0.4, 0.7), strict=True))


def remaining_s(spent: dict[str, tuple[int, float]], left: dict[str, int]) -> float:
    """Seconds that the cells left will take.

    ``spent`` is cells and seconds by kind; ``left`` cells by kind. A kind that has begun continues as it was; one
    that has not is taken from what the others cost, by how kinds usually compare.
    """
    expected = sum(_PRIOR[kind] * cells for kind, (cells, _) in spent.items())
    scale = sum(seconds for _, seconds in spent.values()) / expected if expected else 1.0
    total = 0.0
    for kind, cells in left.items():
        done, seconds = spent.get(kind, (0, 0.0))
        total += cells * (seconds / done if done else scale * _PRIOR[kind])
    return total


class Progress:
    """Counts cells against the plan; ``now`` reads a clock in seconds."""

    def __init__(self, planned: Sequence[str], now: Callable[[], float]) -> None:
        self._keys = set(planned)
        self._total = len(planned)
        self._width = max((len(key) for key in planned), default=0)
        self._now = now
        self._last = now()
        self._spent: dict[str, tuple[int, float]] = {}
        self._ahead: set[str] = set()

    def done_ahead(self, kind: str) -> None:
        """The cells left of a kind have been measured together since the last line; each has yet to report."""
        now = self._now()
        self._spent[kind] = (max(1, self._left()[kind]), now - self._last)
        self._ahead.add(kind)
        self._last = now

    def skip(self, keys: Sequence[str]) -> None:
        """Take cells off the plan that an earlier session has measured, and start the clock."""
        self._keys -= set(keys)
        self._last = self._now()

    def _left(self) -> dict[str, int]:
        """How many cells of each kind have not ended."""
        return {kind: sum(key.startswith(f"{kind}/") for key in self._keys) for kind in KINDS}

    def line(self, measurement: Measurement) -> str:
        """The line to show when ``measurement`` has ended."""
        kind, now = measurement.cell.kind, self._now()
        cells, seconds = self._spent.get(kind, (0, 0.0))
        self._keys.discard(measurement.cell.key)  # a test that is run again has ended once
        # A skip says nothing of what a measured cell costs.
        if not isinstance(measurement.outcome, Unavailable) and kind not in self._ahead:
            self._spent[kind] = (cells + 1, seconds + now - self._last)
        self._last = now
        to_do = len(self._keys)
        text = _outcome_text(measurement)
        done = f"{self._total - to_do}/{self._total}"
        width = len(f"{self._total}/{self._total}")
        return f"{done:>{width}}  {measurement.cell.key:<{self._width}}  {text:<34}  {self._time_left(to_do)}".rstrip()

    def _time_left(self, to_do: int) -> str:
        if not to_do or not self._spent:
            return "" if to_do else "done"
        left = {kind: 0 if kind in self._ahead else cells for kind, cells in self._left().items()}
        minutes, seconds = divmod(round(remaining_s(self._spent, left)), 60)
        return f"{to_do} to do, about {f'{minutes} min ' if minutes else ''}{seconds} s left"


def _outcome_text(measurement: Measurement) -> str:
    match measurement.outcome:
        case Measured() as measured:
            return cell_figures(measurement.cell, measured)
        case Unavailable(reason):
            return f"not measured: {reason}"
        case Failed(reason):
            return f"FAILED: {reason}"
