"""Many latency cells in interleaved rounds: each has a short timing window in every round, in random order.

A machine has fast and slow moments that last for seconds. A cell that is measured in one piece has the luck of its
moment; one whose windows are spread over the run has met what all others met.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import chain
from math import isfinite, sqrt
from random import Random
from time import perf_counter

from lab4.bench.collected import Collected, collected_in, half_width, uncontended_ratios
from lab4.bench.hosts import HostedCell
from lab4.bench.profiles import PATIENCE_S, Profile
from lab4.bench.specs import Built
from lab4.domain.cell import Cell
from lab4.domain.errors import INTERRUPTED, Lab4Error, UnavailableError, system_errors
from lab4.domain.observed import Artifact
from lab4.domain.outcome import Measured
from lab4.domain.progress import Step
from lab4.domain.rounds import Round, TimingWindow, WarmRunner
from lab4.domain.timing import TimingBudget
from lab4.formats import FORMATS
from lab4.interleaving import Interleaving
from lab4.sampling.contention import Ratios
from lab4.sampling.quantiles import QUIET, median

#: What receives each step of a session, and what receives each round as it ends.
Show = Callable[[Step], None]
Keep = Callable[[Round], None]

#: A window may wait for this many times its even share of what is left: most windows need less.
_LEAD = 4.0
#: No window waits longer than this: a co-runner that stays longer is the machine's own speed, for this window.
_MOST_WAIT_S = 1.0
#: Of a cell's calls in a round: a p99 needs 662 in all.
_MOST_SAMPLES = 1_000
#: A cell's figure is shown so often, in seconds: it is computed between windows.
_SHOW_EVERY_S = 2.0
#: In a noisy hour rounds go on, to so many times the profile's number.
_NOISY = 4
#: After so many times the least rounds, a cell that all rounds would not bring within its target has had enough.
_FUTILE = 2


@dataclass(frozen=True, slots=True)
class TimeBudget:
    """``seconds`` of a whole session, of which each of its first ``rounds`` may use an equal part."""

    seconds: float
    rounds: int

    def wait_s(self, number: int, windows: int, elapsed_s: float) -> float:
        """How long a window of round ``number`` (from 1) may wait for an uncontended core.

        ``windows`` are still to come in the round, this one among them; ``elapsed_s`` is how long the session has
        lasted. Time that one round leaves is the next one's, and one that took too long leaves the next less.
        """
        due_s = self.seconds * min(1.0, number / self.rounds)
        return min(_MOST_WAIT_S, max(0.0, due_s - elapsed_s) * min(1.0, _LEAD / windows))

    def is_spent(self, elapsed_s: float) -> bool:
        """Whether the session has had its time."""
        return elapsed_s >= self.seconds


@dataclass(frozen=True, slots=True)
class ScheduledCell:
    """How to measure one cell: ``open`` loads and warms it up, ``time`` times one window; both raise `Lab4Error`.

    ``time`` is given the seconds for which it may wait for a core without co-runners.
    """

    cell: Cell
    open: Callable[[], WarmRunner]
    time: Callable[[float], TimingWindow]


@dataclass
class MeasurementSession:
    """Warms every cell up, then gives all their windows, round by round.

    What was observed is put into ``found``, by cell key, as it comes; ``keep`` is given each round as it ends, an
    interrupted one as well, so that no window is lost. ``show`` reports progress. ``before`` are the rounds of an
    interrupted session that this one continues. A cell that raises is dropped; the others continue. ``interleaving``
    is with other runs that are measured at the same time: waiting for them is no part of this session's time. It also
    says how long the session lasts at least, whatever the profile says. Cells with too few uncontended calls to compare
    runs by go on for ``patience_s`` when the others have ended: other programs come and go within seconds.
    """

    profile: Profile
    seed: int
    found: dict[str, Collected]
    show: Show
    keep: Keep
    before: Sequence[Round] = ()
    interleaving: Interleaving = field(default_factory=Interleaving)
    patience_s: float = PATIENCE_S
    _late_s: float | None = None
    _place: Step = field(default_factory=partial(Step, "measuring", 0, 0))
    _placed: float = 0.0
    _shown: float = field(default_factory=perf_counter)

    def run(self, cells: Sequence[ScheduledCell]) -> None:
        """Measure until each cell has met the profile's aim, or the rounds or the time are used up.

        Whatever `keep` raises passes through.
        """
        done = self.before[-1].number if self.before else 0
        earlier_s = self.before[-1].elapsed_s if self.before else 0.0
        self.found.update({each.cell.key: Collected() for each in cells if each.cell.key not in self.found})
        runners = self._warm_up(cells)
        active = self._without_errors(cells)
        least_s = self.interleaving.least_s
        budget = TimeBudget(max(least_s, self.profile.cell_s * len(active)), self.profile.min_rounds)
        start = self._now() - earlier_s
        if done:
            active = self._unfinished(active, done, budget, earlier_s, asked=True)
        number = done
        while active:
            number += 1
            self._place, self._placed = self._at_round(number, active, len(cells), budget, start), perf_counter()
            self.show(self._place)
            self._round(number, active, budget, start, runners)
            runners = {}
            elapsed_s = self._now() - start
            if elapsed_s < least_s:
                active = self._without_errors(active)
            else:
                active = self._unfinished(active, number, budget, elapsed_s)
        self.interleaving.meet()

    def _now(self) -> float:
        return perf_counter() - self.interleaving.waited_s

    def _at_round(
        self, number: int, active: Sequence[ScheduledCell], cells: int, budget: TimeBudget, start: float
    ) -> Step:
        """The step of a round: as long as the rounds before it for each cell, but no longer than the budget.

        Cells end in any round from the least to the last usual one: halfway, on average.
        """
        elapsed_s, usual = self._now() - start, self.profile.max_rounds
        left_s = max(0.0, budget.seconds - elapsed_s)
        if self._late_s is not None:  # at most: other programs may pause sooner
            left_s = max(0.0, self._late_s - elapsed_s)
        else:
            share = len(active) / cells
            rounds = (max(number - 1, self.profile.min_rounds) + usual) / 2 - (number - 1)
            round_s = elapsed_s / (number - 1) if number > 1 else self.profile.usual_window_s * cells
            left_s = min(left_s, max(0.0, rounds) * share * round_s)
        return Step("measuring", cells - len(active), cells, round=number, rounds=usual, left_s=left_s)

    def _show_cell(self, cell: Cell, collected: Collected) -> None:
        """Show what is known of a cell, if nothing was shown for a while."""
        now = perf_counter()
        if now - self._shown < _SHOW_EVERY_S:
            return
        self._shown = now
        rounds = collected.uncontended_rounds(uncontended_ratios([collected]))
        if rounds:
            known_to = half_width(rounds, self.profile.uncontended_rounds)
            middle_s, width = median(list(chain.from_iterable(rounds))), known_to if isfinite(known_to) else None
            left_s = max(0.0, (self._place.left_s or 0.0) - (now - self._placed))
            self.show(replace(self._place, cell=cell.id, median_s=middle_s, half_width=width, left_s=left_s))

    def _without_errors(self, cells: Sequence[ScheduledCell]) -> list[ScheduledCell]:
        return [each for each in cells if self.found[each.cell.key].error is None]

    def _warm_up(self, cells: Sequence[ScheduledCell]) -> dict[str, WarmRunner]:
        """Open the cells that no earlier session has opened."""
        runners, start = dict[str, WarmRunner](), perf_counter()
        for number, each in enumerate(cells):
            collected = self.found[each.cell.key]
            if collected.runner is not None:
                continue
            # As the cells before; then all are timed.
            opening_s = (perf_counter() - start) / number * (len(cells) - number) if number else 0.0
            left_s = opening_s + self.profile.usual_cell_s * len(cells)
            self.show(Step("loading and warming up", number, len(cells), each.cell.id, left_s=left_s))
            try:
                runners[each.cell.key] = collected.runner = each.open()
            except Lab4Error as error:
                collected.error = error
        return runners

    def _round(
        self,
        number: int,
        active: Sequence[ScheduledCell],
        budget: TimeBudget,
        start: float,
        runners: dict[str, WarmRunner],
    ) -> None:
        # An order of its own for each round, so that a session that continues has the one it would have had.
        order = list(active)
        Random(f"{self.seed} {number}").shuffle(order)  # noqa: S311  # an order, not a secret
        windows: dict[str, TimingWindow] = {}
        try:
            for index, each in enumerate(order):
                self.interleaving.next_window(each.cell.key)
                wait_s = budget.wait_s(number, len(order) - index, self._now() - start)
                collected = self.found[each.cell.key]
                try:
                    window = each.time(wait_s)
                except Lab4Error as error:
                    collected.error = error
                    continue
                collected.windows.append(window)
                windows[each.cell.key] = window
                self._show_cell(each.cell, collected)
        finally:
            self.keep(Round(number, self._now() - start, windows, runners))

    def _unfinished(
        self,
        active: Sequence[ScheduledCell],
        number: int,
        budget: TimeBudget,
        elapsed_s: float,
        *,
        asked: bool = False,
    ) -> list[ScheduledCell]:
        left = self._without_errors(active)
        usual = self.profile.max_rounds
        spent = number >= _NOISY * usual or budget.is_spent(elapsed_s)
        # Asked when the rounds have grown by a tenth: the answer needs all samples.
        is_asked = spent or asked or number == usual or number % max(1, number // 10) == 0
        if number < self.profile.min_rounds or not is_asked:
            return left
        if spent and self._late_s is None:
            self._late_s = elapsed_s + self.patience_s
        late = self._late_s is not None and elapsed_s >= self._late_s
        ratios = uncontended_ratios(self.found.values())
        return [
            each
            for each in left
            if not self._has_ended(self.found[each.cell.key], ratios, number, spent=spent, late=late)
        ]

    def _has_ended(self, collected: Collected, ratios: Ratios, number: int, *, spent: bool, late: bool) -> bool:
        profile, rounds = self.profile, collected.uncontended_rounds(ratios)
        known_to = half_width(rounds, profile.uncontended_rounds)
        # After the usual rounds, or where they would not do, the comparison latency must be known to compare runs by.
        is_enough = known_to <= profile.aim or (
            (number >= profile.max_rounds or self._is_futile(known_to, number))
            and half_width(rounds, profile.uncontended_rounds, QUIET) <= profile.rough
        )
        if late or is_enough or (spent and len(rounds) >= profile.uncontended_rounds):
            collected.ended = "target" if known_to <= profile.target else "budget"
        return collected.ended != "interrupted"

    def _is_futile(self, known_to: float, number: int) -> bool:
        """Whether no round would bring a cell within its target: widths shrink by the root of the rounds."""
        profile = self.profile
        at_end = known_to * sqrt(number / profile.max_rounds)
        return number >= _FUTILE * profile.min_rounds and at_end > profile.target


@dataclass
class RoundTiming:
    """Times cells in the hosts of their runtimes.

    ``built`` builds a cell's artifact, or takes it from the cache; ``host`` gives it to its host. Both are asked once
    for each cell, and never between windows.
    """

    profile: Profile
    seed: int
    built: Callable[[Cell], Built]
    host: Callable[[Cell, Built], HostedCell]
    interleaving: Interleaving = field(default_factory=Interleaving)
    patience_s: float = PATIENCE_S
    found: dict[str, Collected] = field(default_factory=dict)
    _hosted: dict[str, HostedCell] = field(default_factory=dict)

    def run(
        self,
        cells: Sequence[Cell],
        show: Show = lambda _: None,
        keep: Keep = lambda _: None,
        before: Sequence[Round] = (),
    ) -> None:
        """Time these cells in interleaved rounds; ``keep`` is given each round as it ends.

        ``before`` are the rounds of an interrupted session to continue.
        """
        earlier = collected_in(before)
        self.found |= {cell.key: earlier[cell.key] for cell in cells if self._is_same(cell, earlier.get(cell.key))}
        scheduled = [ScheduledCell(cell, partial(self._open, cell), partial(self._window, cell)) for cell in cells]
        session = MeasurementSession(
            self.profile, self.seed, self.found, show, keep, before, self.interleaving, self.patience_s
        )
        session.run(scheduled)

    def has_windows(self, cell: Cell) -> bool:
        """Whether the cell was timed at all."""
        return cell.key in self.found and bool(self.found[cell.key].windows)

    def measured(self, cell: Cell) -> Measured:
        """What was observed of the cell, which is timed by itself where no session has timed it.

        Raises `Lab4Error` with what went wrong with the cell.
        """
        if cell.key not in self.found:
            self.run([cell])
        collected = self.found[cell.key]
        if collected.error is not None:
            del self.found[cell.key]  # a second attempt measures it again
            self._hosted.pop(cell.key, None)
            raise collected.error
        latency = collected.latency(self.profile.target, uncontended_ratios(self.found.values()))
        if latency is None or collected.runner is None:
            raise UnavailableError(INTERRUPTED)
        runner = collected.runner
        return Measured(latency=latency, agreement=runner.agreement, artifact=Artifact(runner.artifact))

    def _is_same(self, cell: Cell, collected: Collected | None) -> bool:
        """Whether these windows are of the artifact that the cell has now."""
        if collected is None or collected.runner is None:
            return False
        try:
            return collected.runner.artifact == FORMATS[cell.format].sha256(self.built(cell).path)
        except Lab4Error:  # the cell itself reports it when it is opened
            return False

    def hosted(self, cell: Cell, built: Built | None = None) -> HostedCell:
        """The cell's artifact in its host; raises `Lab4Error` where it cannot be built, or its host is not here."""
        if cell.key not in self._hosted:
            self._hosted[cell.key] = self.host(cell, built or self.built(cell))
        return self._hosted[cell.key]

    def _open(self, cell: Cell) -> WarmRunner:
        with system_errors():
            hosted = self.hosted(cell)
            return replace(hosted.open(self.profile.warmup_s), artifact=FORMATS[cell.format].sha256(hosted.built.path))

    def _window(self, cell: Cell, wait_s: float) -> TimingWindow:
        budget = TimingBudget(self.profile.window_s, self.profile.min_calls, _MOST_SAMPLES, wait_s)
        with system_errors():
            hosted, runner = self.hosted(cell), self.found[cell.key].runner
            if hosted.iterations is None and runner is not None:  # of an interrupted session that this one continues
                hosted.iterations = runner.iterations, runner.compute_only_iterations
            return hosted.time_window(budget)
