"""How often the gate errs: false alarms between runs of unchanged code, and slowdowns that it does not see.

Reads raw samples that `repeatability.py` wrote, real runs of this machine with fresh processes each. Sides are drawn
from them at random, and judged; pytest-benchmark's own ``--benchmark-compare-fail`` rules are applied to
the host's runs of the same file (or, where it has none, to the same samples). A slowdown is injected by making every
sample of one cell longer; a worse tail by making every fiftieth call take twice the p99.
"""

import argparse
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from itertools import compress
from pathlib import Path
from random import Random
from statistics import mean, median

from gate_draws import timed
from repeatability import read

from lab4.analysis.figures import latency_figures
from lab4.analysis.gate.interleaved import Role, judge_interleaved
from lab4.analysis.gate.policy import Policy
from lab4.analysis.gate.verdict import VerdictOutcome
from lab4.domain.cell import Cell
from lab4.domain.figures import RunFigures
from lab4.domain.machine import Machine
from lab4.domain.observed import Latency, Series, WarmUp
from lab4.domain.run import Commit, DatasetInfo, Settings
from lab4.history.earlier import catalogue_of_labels
from lab4.history.run_schema import CATALOGUE
from lab4.sampling.binomial import upper

#: What pytest-benchmark's rule compares: the candidate's figure with the last saved run's.
HOST = {"min": min, "median": median, "mean": mean}
#: Baseline runs that see little.
FEW = 5
TODAY = date(2026, 1, 1)
_CATALOGUE = CATALOGUE.read(catalogue_of_labels({}))
_MACHINE = Machine("", "any CPU", (), 1, 1, 0, (), "", "", (), ())


def run_of(cells, number, seed=0):
    return RunFigures(
        started_at=f"2026-01-01T00:00:{number % 60:02d}+00:00",
        lab4_version="",
        settings=Settings("", seed, 0, 0, 0.0),
        dataset=DatasetInfo("", 0, 0, ""),
        machine=_MACHINE,
        commit=Commit(None, dirty=False),
        complete=True,
        catalogue=_CATALOGUE,
        cells=cells,
        source=str(number),
    )


def latency_of(raw, change=None):
    alone = tuple(raw.get("uncontended", ()))
    samples = tuple(raw["samples_s"] if change is None else change(raw["samples_s"], alone))
    series = Series(samples, tuple(raw["round_sizes"]), raw["iterations"], "")
    warm = WarmUp(0, None, None)
    return Latency(series, None, tuple(raw["probe_s"]), None, 0.0, warm, None, "target", None, uncontended=alone)


def figures_of_raw(raw, key, change=None):
    return latency_figures(latency_of(raw, change), Cell.from_key(key).batch_size)


def slower(factor):
    return lambda samples, _: [factor * value for value in samples]


def longer_tail(samples, alone):
    """Every fiftieth call takes twice the p99: that doubles, the minimum and the median do not move."""
    rejected = sorted(compress(samples, alone)) or sorted(samples)
    p99 = rejected[int(0.99 * len(rejected))]
    return [2 * p99 if number % 50 == 25 else value for number, value in enumerate(samples)]  # noqa: PLR2004


def second_mode(samples, _):
    """Every fifth call takes half as long again."""
    return [1.5 * value if number % 5 == 0 else value for number, value in enumerate(samples)]


def drifting(samples, _):
    """The calls get slower by a quarter over the run, steadily."""
    return [value * (1 + 0.25 * number / len(samples)) for number, value in enumerate(samples)]


def worse(baselines, candidates):
    return [each for each in timed(baselines, candidates) if each.outcome is VerdictOutcome.WORSE]


def drawn(pool, count, random):
    return random.sample(pool, count)


def false_alarms(batches, sizes, pairs, random):
    print(f"\nfalse alarms of the whole suite, {pairs} draws each (upper: 95%)")
    for before, after in sizes:
        alarms, who = 0, Counter()
        for number in range(pairs):
            runs = drawn(batches[number % len(batches)], before + after, random)
            found = worse(runs[:before], runs[before:])
            alarms += bool(found)
            who.update(f"{each.figure} of {each.cell.partition('/')[2]}" for each in found)
        print(
            f"  {before:2} runs against {after}: {alarms:3} of {pairs} ({upper(alarms, pairs):.1%})",
            *(f"{name} x{count}" for name, count in who.most_common(2)),
            sep="  ",
        )


def host_alarms(batches, pairs, random):
    print(f"\npytest-benchmark's --benchmark-compare-fail, one run against one, {pairs} draws")
    for name in HOST:
        alarms = 0
        for number in range(pairs):
            one, other = random.sample(batches[number % len(batches)], 2)
            alarms += any(other[key][name] > 1.05 * one[key][name] for key in one)
        print(f"  {name}:5%  {alarms} of {pairs}")


@dataclass(frozen=True)
class Injected:
    """A change of one cell's samples, and the figures by which it must be seen."""

    what: str
    change: Callable[[list[float], tuple[bool, ...]], list[float]]
    figures: frozenset[str]

    def into(self, runs, raws, key):
        """The runs with the change in this cell."""
        return [
            replace(run, cells={**run.cells, key: figures_of_raw(raw[key], key, self.change)})
            for run, raw in zip(runs, raws, strict=True)
        ]

    def seen(self, judged, key):
        """Whether one of the figures was measured."""
        return any(each.cell == key and each.figure in self.figures for each in judged)

    def keys(self, run):
        """Cells that have such a figure: of a p99 of too few calls nothing can be seen."""
        return [key for key, cell in run.cells.items() if self.figures & cell.values.keys()]


SPEED = frozenset({"latency", "throughput", "p90"})
CASES = (
    Injected("5% slower", slower(1.05), SPEED),
    Injected("3% slower", slower(1.03), SPEED),
    Injected("p99 twice as long", longer_tail, frozenset({"p99"})),
    Injected("a second mode", second_mode, frozenset({"p90", "throughput", "p99"})),
    Injected("a drift of 25%", drifting, SPEED),
)


def power(batches, raws, size, draws, random):
    """Saved runs of each side, drawn at random; the cells in turn."""
    before, after = size
    for case in CASES:
        caught, missed = 0, Counter()
        for number in range(draws):
            batch = number % len(batches)
            drawn = random.sample(range(len(batches[batch])), before + after)
            keys = case.keys(batches[batch][0])
            key = keys[(number // len(batches)) % len(keys)]
            runs = [batches[batch][index] for index in drawn]
            changed = case.into(runs[before:], [raws[batch][index] for index in drawn[before:]], key)
            found = case.seen(worse(runs[:before], changed), key)
            caught += found
            missed.update([] if found else [Cell.from_key(key).format])
        rest = ", ".join(f"{name} {count}" for name, count in missed.most_common())
        print(f"  {case.what}, {before:2} runs against {after}: caught {caught} of {draws}   missed: {rest or 'none'}")


class Replayed:
    """Measures by taking the next runs of a batch, in the order in which they were made; a case slows one cell."""

    def __init__(self, runs, raws, start, case=None, key=None):
        self.runs, self.raws, self.at, self.case, self.key = runs, raws, start, case, key
        self.used = 0

    def __call__(self, role, cells):
        """The next run, as the side's."""
        index = self.at % len(self.runs)
        self.at += 1
        self.used += 1
        (run,), raw = [self.runs[index]], self.raws[index]
        if role is Role.CANDIDATE and self.case is not None:
            (run,) = self.case.into([run], [raw], self.key)
        if cells is None:
            return run
        return replace(run, cells={key: run.cells[key] for key in cells if key in run.cells})


def interleaved(batches, raws, draws, rounds, *, confirm):
    """Alternated measuring, replayed from runs that were made one after the other."""
    print(f"\ninterleaved (A B B A), at most {rounds} rounds, {'with' if confirm else 'without'} confirmation")
    for case in (None, Injected("2% slower", slower(1.02), SPEED), CASES[1], CASES[0], CASES[2]):
        stopped, used, missed = 0, [], Counter()
        for number in range(draws):
            batch = number % len(batches)
            runs = batches[batch]
            keys = case.keys(runs[0]) if case else [None]
            key = keys[(number // len(batches)) % len(keys)]
            bench = Replayed(runs, raws[batch], number * 5, case, key)
            gate = judge_interleaved(bench, Policy(), rounds, today=TODAY, confirm=confirm)
            found = [each for each in gate.verdicts if each.outcome is VerdictOutcome.WORSE]
            hit = case.seen(found, key) if case else bool(found)
            stopped += hit
            used.append(bench.used)
            missed.update([Cell.from_key(key).format] if case and not hit else [])
        what = f"{case.what}: caught" if case else "unchanged: false alarms"
        rest = ", ".join(f"{name} {count}" for name, count in missed.most_common())
        print(f"  {what} {stopped} of {draws}, after {median(used):.0f} runs (median)   {rest and f'missed: {rest}'}")


def pair(text):
    before, _, after = text.partition("/")
    return int(before), int(after)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="+", type=Path, help="what repeatability.py wrote; sides are of one file each")
    parser.add_argument("--sizes", nargs="+", type=pair, default=[(5, 1), (10, 1), (10, 3), (10, 5)])
    parser.add_argument("--pairs", type=int, default=400)
    parser.add_argument("--draws", type=int, default=224)
    parser.add_argument("--rounds", type=int, default=8)
    arguments = parser.parse_args()
    random = Random(1)  # noqa: S311  # draws, not secrets
    raws, batches, hosts = [], [], []
    for file in arguments.files:
        runs = read(file)
        raws.append([run["suite"] for run in runs])
        batches.append(
            [
                run_of({key: figures_of_raw(raw, key) for key, raw in run["suite"].items()}, number)
                for number, run in enumerate(runs)
            ]
        )
        hosts.append(
            [
                {key: {name: rule(samples) for name, rule in HOST.items()} for key, samples in run["host"].items()}
                for run in runs
                if run.get("host")
            ]
        )
        print(f"{file.name}: {len(runs)} runs of {len(runs[0]['suite'])} cells")
    false_alarms(batches, arguments.sizes, arguments.pairs, random)
    host_alarms([host for host in hosts if host], arguments.pairs, random)
    print("\ninjected into one cell, each in turn")
    for size in arguments.sizes:
        if size[0] > FEW:
            power(batches, raws, size, arguments.draws, random)
    for confirm in (False, True):
        interleaved(batches, raws, arguments.draws, arguments.rounds, confirm=confirm)


if __name__ == "__main__":
    main()
