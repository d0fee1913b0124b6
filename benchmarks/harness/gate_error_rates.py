"""How often the gate errs: false alarms between runs of unchanged code, and slowdowns that it does not see.

Reads raw samples that `repeatability.py` wrote, real runs of this machine with fresh processes each. Sides are drawn
from them at random, and judged; beside it pytest-benchmark's own ``--benchmark-compare-fail`` rules are applied to
the host's runs of the same file (or, where it has none, to the same samples). A slowdown is injected by making every
sample of one cell longer; a worse tail by making its slowest two in a hundred twice as long.
"""

import argparse
from collections import Counter
from dataclasses import replace
from pathlib import Path
from random import Random
from statistics import mean, median

from repeatability import read

from lab4.analysis.figures import latency_figures
from lab4.analysis.gate.policy import Policy
from lab4.analysis.gate.timed_verdicts import judge_timed
from lab4.analysis.gate.verdict import Verdict
from lab4.domain.cell import Cell
from lab4.domain.figures import RunFigures
from lab4.domain.machine import Machine
from lab4.domain.observed import Latency, Series, WarmUp
from lab4.domain.run import Commit, DatasetInfo, Settings
from lab4.sampling.binomial import upper

#: What pytest-benchmark's rule compares: the candidate's figure with the last saved run's.
HOST = {"min": min, "median": median, "mean": mean}
#: Baseline runs that see little.
FEW = 5
_MACHINE = Machine("", "", (), 1, 1, 0, (), "", "", (), ())


def run_of(cells, number):
    return RunFigures(
        started_at=f"2026-01-01T00:00:{number % 60:02d}+00:00",
        lab4_version="",
        settings=Settings("", 0, 0, 0, 0.0),
        dataset=DatasetInfo("", 0, 0, ""),
        machine=_MACHINE,
        commit=Commit(None, dirty=False),
        complete=True,
        labels={},
        cells=cells,
        source=str(number),
    )


def latency_of(raw, change=None):
    samples = tuple(raw["samples_s"] if change is None else change(raw["samples_s"]))
    series = Series(samples, tuple(raw["pass_sizes"]), raw["iterations"], "")
    return Latency(series, None, tuple(raw["reference_s"]), None, 0.0, WarmUp(0, None, None), None, "target", None)


def figures_of_raw(raw, key, change=None):
    return latency_figures(latency_of(raw, change), Cell.from_key(key).batch_size)


def slower(factor):
    return lambda samples: [factor * value for value in samples]


def longer_tail(samples):
    """Twice as long from the 98th percentile up: p99 doubles, the minimum and the median do not move."""
    fence = sorted(samples)[int(0.98 * len(samples))]
    return [2 * value if value >= fence else value for value in samples]


def second_mode(samples):
    """Every fifth call takes half as long again."""
    return [1.5 * value if number % 5 == 0 else value for number, value in enumerate(samples)]


def drifting(samples):
    """The calls get slower by a quarter over the run, steadily."""
    return [value * (1 + 0.25 * number / len(samples)) for number, value in enumerate(samples)]


def worse(baselines, candidates):
    judged, _ = judge_timed(baselines, candidates, Policy())
    return [each for each in judged if each.verdict is Verdict.WORSE]


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


def power(batches, raws, sizes, draws, random, what, change, figures):
    for before, after in sizes:
        caught, missed = 0, Counter()
        for number in range(draws):
            batch = number % len(batches)
            indices = random.sample(range(len(batches[batch])), before + after)
            # Of a figure that was not told (a p99 of too few calls) nothing can be seen.
            keys = [key for key, cell in batches[batch][0].cells.items() if figures & cell.values.keys()]
            key = keys[(number // len(batches)) % len(keys)]
            runs = [batches[batch][index] for index in indices]
            changed = [
                replace(run, cells={**run.cells, key: figures_of_raw(raws[batch][index][key], key, change)})
                for run, index in zip(runs[before:], indices[before:], strict=True)
            ]
            found = any(each.cell == key and each.figure in figures for each in worse(runs[:before], changed))
            caught += found
            if not found:
                missed[Cell.from_key(key).format] += 1
        rest = ", ".join(f"{name} {count}" for name, count in missed.most_common())
        print(f"  {what}, {before:2} runs against {after}: caught {caught} of {draws}   missed: {rest or 'none'}")


def pair(text):
    before, _, after = text.partition("/")
    return int(before), int(after)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="+", type=Path, help="what repeatability.py wrote; sides are of one file each")
    parser.add_argument("--sizes", nargs="+", type=pair, default=[(5, 1), (10, 1), (10, 3), (10, 5)])
    parser.add_argument("--pairs", type=int, default=400)
    parser.add_argument("--draws", type=int, default=224)
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
    speed = {"latency", "throughput", "p90"}
    sizes = [size for size in arguments.sizes if size[0] > FEW]
    cases = [
        ("5% slower", slower(1.05), speed),
        ("3% slower", slower(1.03), speed),
        ("p99 twice as long", longer_tail, {"p99"}),
        ("a second mode", second_mode, {"p90", "throughput", "p99"}),
        ("a drift of 25%", drifting, speed),
    ]
    for what, change, figures in cases:
        power(batches, raws, sizes, arguments.draws, random, what, change, figures)


if __name__ == "__main__":
    main()
