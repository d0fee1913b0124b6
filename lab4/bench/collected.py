"""What is known of latency cells so far, round by round, and how well."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import chain, repeat
from math import inf

from lab4.domain.errors import Lab4Error
from lab4.domain.observed import Ending, Latency, Series
from lab4.domain.rounds import Burst, Round, TimingWindow, WarmRunner
from lab4.measure.system_activity import total
from lab4.sampling.contention import Ratios, is_uncontended, uncontended_samples
from lab4.sampling.interval import quantile_interval
from lab4.sampling.quantiles import median


@dataclass
class Collected:
    """What is known of a cell so far: windows in order, or why there is nothing."""

    runner: WarmRunner | None = None
    windows: list[TimingWindow] = field(default_factory=list)
    ended: Ending = "interrupted"
    error: Lab4Error | None = None

    def latency(self, target: float, ratios: Ratios) -> Latency | None:
        """What was observed, if the cell was timed at all; ``ratios`` are what `uncontended_ratios` says."""
        if self.runner is None or not self.windows:
            return None
        runner, windows = self.runner, self.windows
        probe_s = tuple(each.probe_s for each in windows)
        compute_only = _series(
            [each.compute_only_s for each in windows], runner.compute_only_iterations, runner.compute_only_clock
        )
        return Latency(
            calls=_series([each.samples_s for each in windows], runner.iterations, runner.clock),
            compute_only=compute_only if compute_only.samples_s else None,
            probe_s=probe_s if all(probe_s) else (),  # a host without such a probe answers with 0
            load_s=runner.load_s,
            first_call_s=runner.first_call_s,
            warmup=runner.warmup,
            threads=runner.threads,
            ended=self.ended,
            target=target,
            cores=runner.cores,
            loads=1 + sum(each.fresh for each in windows),
            system_activity=total(each.system_activity for each in windows),
            uncontended=self.flags(ratios),
            compute_only_uncontended=_flags([each.compute_only_bursts for each in windows], ratios),
        )

    def flags(self, ratios: Ratios) -> tuple[bool, ...]:
        """Whether nothing else worked on the core, for each sample in order."""
        return _flags([each.bursts for each in self.windows], ratios)

    def uncontended_rounds(self, ratios: Ratios) -> list[Sequence[float]]:
        """The uncontended calls of each window that has any: seconds."""
        windows = [each.samples_s for each in self.windows]
        samples = list(chain.from_iterable(windows))
        found = uncontended_samples(samples, [len(each) for each in windows], self.flags(ratios)) or []
        return [each for each in found if each]


def _flags(windows: Iterable[Sequence[Burst]], ratios: Ratios) -> tuple[bool, ...]:
    return tuple(
        flag
        for burst in chain.from_iterable(windows)
        for flag in repeat(all(is_uncontended(probe, ratios, burst.lost) for probe in burst.probes), burst.samples)
    )


def _series(windows: Sequence[tuple[float, ...]], iterations: int, clock: str) -> Series:
    samples_s = tuple(sample for each in windows for sample in each)
    return Series(samples_s, tuple(len(each) for each in windows), iterations, clock)


def uncontended_ratios(found: Iterable[Collected]) -> Ratios:
    """The ratio of probes on uncontended cores, by what all cells' last windows say.

    The median of each core: a runtime's process may have seen none yet, and each speaks of many cells.
    """
    seen = [collected.windows[-1].uncontended_ratios for collected in found if collected.windows]
    cores = {core for ratios in seen for core in ratios}
    return {core: median([ratios[core] for ratios in seen if core in ratios]) for core in cores}


def collected_in(rounds: Iterable[Round]) -> dict[str, Collected]:
    """What the rounds of an interrupted session had collected, by cell key; without a warmed-up runner, nothing."""
    found: dict[str, Collected] = {}
    for each in rounds:
        for key, runner in each.runners.items():
            found.setdefault(key, Collected(runner))
        for key, window in each.windows.items():
            if key in found:
                found[key].windows.append(window)
    return found


def half_width(rounds: Sequence[Sequence[float]], least: int, share: float = 0.5) -> float:
    """How well this quantile of uncontended calls, the median, is known: the half width of its interval, relative.

    ``rounds`` are of `Collected.uncontended_rounds`. Infinite where fewer than ``least`` have such a call.
    """
    return quantile_interval(rounds, share).relative_half_width if len(rounds) >= least else inf
