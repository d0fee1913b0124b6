"""Whether the gate sees calls whose distribution changed: a longer tail, a second mode, a drift, in one cell of a run.

``python benchmarks/harness/gate_error_rates.py FOLDER...`` takes folders of `repeated_runs.py`, real runs of unchanged
code. Sides are drawn from them at random, the samples of one cell of the candidate are changed, and the runs judged:
one run of the candidate with the second look, several as they are.
"""

import argparse
import gzip
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from itertools import compress
from pathlib import Path
from random import Random

from gate_draws import draws, runs_in, timed_cells

from lab4.analysis.figures import latency_figures
from lab4.analysis.gate.verdict import VerdictOutcome
from lab4.domain.cell import Cell
from lab4.history.run_file import run_of

#: Saved runs and runs of the candidate.
SIZES = ((1, 1), (3, 1), (10, 1), (20, 1), (10, 3))


def longer_tail(samples, alone):
    """Every fiftieth call takes twice the p99: that doubles, the minimum and the median do not move."""
    uncontended = sorted(compress(samples, alone)) or sorted(samples)
    p99 = uncontended[int(0.99 * len(uncontended))]
    return [2 * p99 if number % 50 == 25 else value for number, value in enumerate(samples)]  # noqa: PLR2004


def second_mode(samples, _):
    """Every fifth call takes half as long again."""
    return [1.5 * value if number % 5 == 0 else value for number, value in enumerate(samples)]


def drifting(samples, _):
    """The calls get slower by a quarter over the run, steadily."""
    return [value * (1 + 0.25 * number / len(samples)) for number, value in enumerate(samples)]


@dataclass(frozen=True)
class Injected:
    """A change of one cell's samples, and the figures by which it must be seen."""

    what: str
    change: Callable[[list[float], tuple[bool, ...]], list[float]]
    figures: frozenset[str]

    def into(self, latencies, key, run):
        """The run with the change in this cell."""
        latency = latencies[run.source][key]
        samples = tuple(self.change(list(latency.calls.samples_s), latency.uncontended))
        changed = replace(latency, calls=replace(latency.calls, samples_s=samples))
        found = latency_figures(changed, Cell.from_key(key).batch_size)
        cell = run.cells[key]
        values, corrected = {**cell.values, **found.values}, {**cell.corrected, **found.corrected}
        return replace(run, cells={**run.cells, key: replace(cell, values=values, corrected=corrected)})

    def keys(self, run):
        """Cells that have such a figure: of a p99 of too few calls nothing can be seen."""
        return [key for key in timed_cells(run) if self.figures & run.cells[key].values.keys()]


SPEED = frozenset({"latency", "throughput", "p90"})
CASES = (
    Injected("p99 twice as long", longer_tail, frozenset({"p99"})),
    Injected("a second mode", second_mode, frozenset({"p90", "throughput", "p99"})),
    Injected("a drift of 25%", drifting, SPEED),
)


def latencies_in(path):
    """The samples of each cell of a compressed run."""
    run = run_of(json.loads(gzip.decompress(path.read_bytes())), path.name)
    return {m.cell.key: m.outcome.latency for m in run.measurements if getattr(m.outcome, "latency", None)}


def seen_in(pool, latencies, case, size, count):
    """In how many draws the changed cell is worse; one run of the candidate has the second look."""
    saved, runs = size
    random, seen = Random(4), 0  # noqa: S311  # draws, not secrets
    for each in draws(pool, saved, count, seed=4):
        key = random.choice(case.keys(each.candidate))
        change = partial(case.into, latencies, key)
        found = each.judged(change=change, look_again=runs == 1, runs=runs).verdicts
        seen += any(v.cell == key and v.figure in case.figures and v.outcome is VerdictOutcome.WORSE for v in found)
    return seen


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--draws", type=int, default=100)
    options = parser.parse_args()
    for folder in options.folders:
        pool = runs_in(folder)
        latencies = {path.name: latencies_in(path) for path in folder.glob("*.json.gz")}
        print(f"\n{folder.name}: {len(pool)} runs, {options.draws} draws")
        print(f"| saved, measured | {' | '.join(f'{saved}, {runs}' for saved, runs in SIZES)} |")
        print(f"| --- {'| --- ' * len(SIZES)}|")
        for case in CASES:
            row = [str(seen_in(pool, latencies, case, size, options.draws)) for size in SIZES]
            print(f"| {case.what} | {' | '.join(row)} |", flush=True)


if __name__ == "__main__":
    main()
