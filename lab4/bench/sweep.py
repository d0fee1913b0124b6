"""Many latency cells in passes: each takes a short turn in every pass, in random order.

A machine has fast and slow moments that last for seconds. A cell that is measured in one piece has the luck of its
moment; one whose turns are spread over the run has met what all others met.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from random import Random

from lab4.bench.latency_jobs import Opened, Slice
from lab4.bench.profiles import Profile
from lab4.domain.cell import Cell
from lab4.domain.errors import Lab4Error
from lab4.domain.observed import Latency, Series
from lab4.measure.disturbance import total
from lab4.sampling.contention import is_alone, quietest
from lab4.sampling.interval import median_interval

__all__ = ["Collected", "Seat", "sweep"]


@dataclass(frozen=True, slots=True)
class Seat:
    """How to measure one cell: ``open`` loads and warms it up, ``turn`` times one slice; both raise `Lab4Error`."""

    cell: Cell
    open: Callable[[], Opened]
    turn: Callable[[], Slice]


@dataclass
class Collected:
    """What is known of a cell so far: slices in order, or why there is nothing."""

    opened: Opened | None = None
    slices: list[Slice] = field(default_factory=list)
    ended: str = "interrupted"
    error: Lab4Error | None = None

    def latency(self, target: float, quietest_ratio: float) -> Latency | None:
        """What was observed, if the cell had a turn at all; ``quietest_ratio`` is what `quietest_of` says."""
        if self.opened is None or not self.slices:
            return None
        opened = self.opened
        alone = _series([each.alone_s for each in self.slices], opened.alone_iterations, opened.alone_clock)
        return Latency(
            calls=_series([each.samples_s for each in self.slices], opened.iterations, opened.clock),
            alone=alone if alone.samples_s else None,
            reference_s=tuple(each.reference_s for each in self.slices),
            load_s=opened.load_s,
            first_call_s=opened.first_call_s,
            warmup=opened.warmup,
            threads=opened.threads,
            ended=self.ended,
            target=target,
            cores=opened.cores,
            loads=1 + sum(each.fresh for each in self.slices),
            disturbance=total(each.disturbance for each in self.slices),
            undisturbed=tuple(
                is_alone(contention / quietest_ratio)
                for each in self.slices
                for count, contention in each.stretches
                for _ in range(count)
            ),
        )


def _series(passes: Sequence[tuple[float, ...]], iterations: int, clock: str) -> Series:
    samples_s = tuple(sample for each in passes for sample in each)
    return Series(samples_s, tuple(len(each) for each in passes), iterations, clock)


def quietest_of(found: Iterable[Collected]) -> float:
    """The contention kernel's ratio on a core of its own, by all slices so far; 1 where there are none."""
    ratios = [contention for collected in found for each in collected.slices for _, contention in each.stretches]
    return quietest(ratios) if ratios else 1.0


def sweep(
    seats: Sequence[Seat], profile: Profile, seed: int, found: dict[str, Collected], show: Callable[[str], None]
) -> None:
    """Open every seat, then let all take turns until each has met the profile's target or its passes are used up.

    What was observed is put into ``found``, by cell key, as it comes: an interrupt loses no slice. A cell that
    raises is out; the others go on.
    """
    found.update({seat.cell.key: Collected() for seat in seats})
    for number, seat in enumerate(seats, 1):
        if number % 10 == 1:
            show(f"inference: loading and warming up cell {number} of {len(seats)}")
        _open(seat, found[seat.cell.key])
    shuffled = Random(seed)  # noqa: S311  # an order, not a secret
    active = [seat for seat in seats if found[seat.cell.key].error is None]
    for number in range(1, profile.most_passes + 1):
        if not active:
            break
        show(f"inference: pass {number} of at most {profile.most_passes}, {len(active)} cells to go")
        shuffled.shuffle(active)
        for seat in active:
            _turn(seat, found[seat.cell.key])
        alone = quietest_of(found.values())
        active = [seat for seat in active if not _has_ended(found[seat.cell.key], profile, number, alone)]


def _open(seat: Seat, collected: Collected) -> None:
    try:
        collected.opened = seat.open()
    except Lab4Error as error:
        collected.error = error


def _turn(seat: Seat, collected: Collected) -> None:
    try:
        collected.slices.append(seat.turn())
    except Lab4Error as error:
        collected.error = error


def _has_ended(collected: Collected, profile: Profile, passes: int, quietest_ratio: float) -> bool:
    if collected.error is not None:
        return True
    if passes >= profile.least_passes and _undisturbed(collected, quietest_ratio) >= profile.undisturbed_passes:
        interval = median_interval([each.samples_s for each in collected.slices])
        if interval.relative_half_width <= profile.target:
            collected.ended = "target"
            return True
    if passes == profile.most_passes:
        collected.ended = "budget"
    return False


def _undisturbed(collected: Collected, quietest_ratio: float) -> int:
    """In how many passes there were calls while nothing else worked on the core."""
    return sum(
        any(is_alone(contention / quietest_ratio) for _, contention in each.stretches) for each in collected.slices
    )
