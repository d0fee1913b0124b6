"""Many latency cells in passes: each takes a short turn in every pass, in random order.

A machine has fast and slow moments that last for seconds. A cell that is measured in one piece has the luck of its
moment; one whose turns are spread over the run has met what all others met.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import chain, repeat
from math import inf
from random import Random
from time import perf_counter

from lab4.bench.latency_jobs import Opened, Slice
from lab4.bench.pace import Pace
from lab4.bench.profiles import Profile
from lab4.domain.cell import Cell
from lab4.domain.errors import Lab4Error
from lab4.domain.observed import Latency, Series
from lab4.measure.disturbance import total
from lab4.measure.stretches import Stretch
from lab4.sampling.contention import Ratios, is_alone, undisturbed
from lab4.sampling.interval import median_interval
from lab4.sampling.quantiles import median

__all__ = ["Collected", "Seat", "sweep"]


@dataclass(frozen=True, slots=True)
class Seat:
    """How to measure one cell: ``open`` loads and warms it up, ``turn`` times one slice; both raise `Lab4Error`.

    ``turn`` is given the seconds for which it may wait for an undisturbed core.
    """

    cell: Cell
    open: Callable[[], Opened]
    turn: Callable[[float], Slice]


@dataclass
class Collected:
    """What is known of a cell so far: slices in order, or why there is nothing."""

    opened: Opened | None = None
    slices: list[Slice] = field(default_factory=list)
    ended: str = "interrupted"
    error: Lab4Error | None = None

    def latency(self, target: float, levels: Ratios) -> Latency | None:
        """What was observed, if the cell had a turn at all; ``levels`` are what `levels_of` says."""
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
            undisturbed=self.flags(levels),
            alone_undisturbed=_flags([each.alone_stretches for each in self.slices], levels),
        )

    def flags(self, levels: Ratios) -> tuple[bool, ...]:
        """Whether nothing else worked on the core, for each sample in order."""
        return _flags([each.stretches for each in self.slices], levels)


def _flags(passes: Iterable[Sequence[Stretch]], levels: Ratios) -> tuple[bool, ...]:
    return tuple(
        flag
        for stretch in chain.from_iterable(passes)
        for flag in repeat(all(is_alone(look, levels) for look in stretch.looks), stretch.samples)
    )


def _series(passes: Sequence[tuple[float, ...]], iterations: int, clock: str) -> Series:
    samples_s = tuple(sample for each in passes for sample in each)
    return Series(samples_s, tuple(len(each) for each in passes), iterations, clock)


def levels_of(found: Iterable[Collected]) -> Ratios:
    """The contention kernel's multiple on undisturbed cores, by what all cells' last slices tell.

    The median of each core: a runtime's process may have seen none yet, and each tells of many cells.
    """
    told = [collected.slices[-1].levels for collected in found if collected.slices]
    cores = {core for levels in told for core in levels}
    return {core: median([levels[core] for levels in told if core in levels]) for core in cores}


def sweep(
    seats: Sequence[Seat], profile: Profile, seed: int, found: dict[str, Collected], show: Callable[[str], None]
) -> None:
    """Open every seat, then let all take turns until each has met the profile's aim, or passes or time are used up.

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
    pace, start = Pace(profile.cell_s * len(active), profile.least_passes), perf_counter()
    for number in range(1, profile.most_passes + 1):
        if not active:
            break
        show(f"inference: pass {number} of at most {profile.most_passes}, {len(active)} cells to go")
        shuffled.shuffle(active)
        for turn, seat in enumerate(active):
            patience_s = pace.patience_s(number, len(active) - turn, perf_counter() - start)
            _turn(seat, found[seat.cell.key], patience_s)
        levels = levels_of(found.values())
        spent = pace.is_spent(perf_counter() - start)
        active = [seat for seat in active if not _has_ended(found[seat.cell.key], profile, number, levels, spent=spent)]


def _open(seat: Seat, collected: Collected) -> None:
    try:
        collected.opened = seat.open()
    except Lab4Error as error:
        collected.error = error


def _turn(seat: Seat, collected: Collected, patience_s: float) -> None:
    try:
        collected.slices.append(seat.turn(patience_s))
    except Lab4Error as error:
        collected.error = error


def _has_ended(collected: Collected, profile: Profile, passes: int, levels: Ratios, *, spent: bool) -> bool:
    if collected.error is not None:
        return True
    if passes < profile.least_passes:
        return False
    last = spent or passes == profile.most_passes
    # Asked when the passes have grown by a tenth: the answer needs all samples.
    if not last and passes % max(1, passes // 10):
        return False
    half_width = _half_width(collected, profile.undisturbed_passes, levels)
    if last or half_width <= profile.aim:
        collected.ended = "target" if half_width <= profile.target else "budget"
    return collected.ended != "interrupted"


def _half_width(collected: Collected, least_passes: int, levels: Ratios) -> float:
    """How well the median of the undisturbed calls is known; infinite where fewer passes than that have one."""
    passes = [each.samples_s for each in collected.slices]
    samples = list(chain.from_iterable(passes))
    alone = undisturbed(samples, [len(each) for each in passes], collected.flags(levels)) or []
    told = [each for each in alone if each]
    return median_interval(told).relative_half_width if len(told) >= least_passes else inf
