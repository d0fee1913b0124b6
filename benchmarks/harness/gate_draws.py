"""Sides drawn from repeated runs of unchanged code, a change injected into one cell, and how a gate ends on them."""

import gzip
import json
import re
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import date
from itertools import chain
from random import Random
from statistics import median
from unittest.mock import patch

from lab4.analysis.gate import judge as judging
from lab4.analysis.gate.timed import comparison_of, decided, judge_timed
from lab4.analysis.gate.verdict import ExitCode, VerdictOutcome
from lab4.analysis.policy import Policy
from lab4.domain.figures import RunFigures
from lab4.history.store.opening import open_copy, open_store
from lab4.reading.runs import figures_in
from lab4.sampling.quantiles import TAILS

TODAY = date(2026, 1, 1)
#: Runs of the second look.
AGAIN = 3
_RATES = frozenset({"throughput"})
_TIMES = frozenset({"latency", "p50", "p90", "p99"})


@dataclass(frozen=True)
class Drawable:
    """A run's figures, and the least and mean of pytest-benchmark's samples by test."""

    run: RunFigures
    host: dict[str, dict[str, float]]


def drawable(path):
    """Read a compressed run."""
    data = gzip.decompress(path.read_bytes())
    rows = json.loads(data)["benchmarks"]
    host = {row["name"]: {"min": row["stats"]["min"], "mean": row["stats"]["mean"]} for row in rows if row["stats"]}
    return Drawable(figures_in(data, path.name), host)


def with_calls(run):
    """A run of an earlier history with the numbers of its calls, which reasons have; p99 is of enough of them."""

    def calls_of(cell):
        said = [re.search(r"\((\d+) of \d+ uncontended\)", reason) for reason in cell.missing.values()]
        return next((int(each[1]) for each in said if each), TAILS["p99"][1] if "p99" in cell.values else 0)

    return replace(
        run, cells={key: replace(cell, calls=cell.calls or calls_of(cell)) for key, cell in run.cells.items()}
    )


def runs_in(place):
    """All runs of a folder of `repeated_runs.py`, or of a history of their figures, in the order of their starts."""
    if place.is_dir():
        return [drawable(path) for path in sorted(place.glob("*.json.gz"))]
    return [Drawable(run, host) for run, host in figures_kept(place)]


def figures_kept(place):
    """The runs of a history that `keep` made, in the order of their starts, each with what was said of it."""
    with closing(open_copy(f"sqlite:///{place}")) as store:
        numbers = [entry.number for entry in store.entries()]
        return [(with_calls(store.run(number)), json.loads(store.document(number))) for number in numbers]


def keep(runs, place):
    """Add figures of runs to a history, each with what is said of it."""
    with closing(open_store(f"sqlite:///{place}")) as store:
        for run, said in runs:
            store.add(run, json.dumps(said).encode(), run.source)


def keep_figures(folder, place):
    """Add the figures of a folder's runs to a history, which is a hundredth of their size."""
    keep(((each.run, each.host) for each in runs_in(folder)), place)


def slowed(run, key, factor):
    """The run with one cell slower."""
    cell = run.cells[key]

    def changed(values):
        return {
            name: value * factor if name in _TIMES else value / factor if name in _RATES else value
            for name, value in values.items()
        }

    slow = replace(cell, values=changed(cell.values), corrected=changed(cell.corrected))
    return replace(run, cells={**run.cells, key: slow})


def middles_of(pool):
    """By cell, the median of each figure over all runs, of its values and its corrected values."""

    def middles(cells):
        return {name: median(own[name] for own in cells if name in own) for name in set(chain(*cells))}

    found = {}
    for key in pool[0].run.cells:
        cells = [each.run.cells[key] for each in pool if key in each.run.cells]
        found[key] = middles([each.values for each in cells]), middles([each.corrected for each in cells])
    return found


def further(run, keys, middles, times):
    """The run with the logarithms of these cells' timed figures so many times as far from their middles."""

    def moved(values, middle):
        return {
            name: middle[name] * (value / middle[name]) ** times
            if name in _TIMES | _RATES and middle.get(name)
            else value
            for name, value in values.items()
        }

    cells = dict(run.cells)
    for key in keys:
        own, corrected = middles[key]
        cell = cells[key]
        cells[key] = replace(cell, values=moved(cell.values, own), corrected=moved(cell.corrected, corrected))
    return replace(run, cells=cells)


def timed(baselines, candidates):
    """The verdicts on timed figures alone."""
    policy = Policy()
    compared = comparison_of(baselines, candidates, policy)
    return judge_timed(compared, decided(compared.tests, policy, (len(baselines), len(candidates))))


def timed_cells(run):
    """Cells with a latency."""
    return [key for key, cell in run.cells.items() if "latency" in cell.values]


@dataclass
class Draw:
    """Runs of one hour: some saved, the candidate, and others that stand for measuring again.

    ``host`` is what pytest-benchmark has of the last saved run, if there is one, and of the candidate. ``policy`` is
    what they are judged by.
    """

    saved: list[RunFigures]
    candidate: RunFigures
    again: list[RunFigures]
    host: tuple[dict, dict]
    policy: Policy

    @classmethod
    def of(cls, pool, saved, random, policy):
        """Runs that no other side has; the saved ones in the order of time."""
        chosen = random.sample(range(len(pool)), min(len(pool), saved + 1 + AGAIN))
        candidate, before, again = chosen[0], sorted(chosen[1 : saved + 1]), chosen[saved + 1 :]
        host = pool[before[-1]].host if before else {}, pool[candidate].host
        return cls([pool[at].run for at in before], pool[candidate].run, [pool[at].run for at in again], host, policy)

    def judged(self, slow=None, *, look_again=False, change=None, runs=1, **more):
        """The gate's result, where ``slow``, a cell and a factor, or ``change``, of runs, changed in the candidate.

        Of several ``runs`` of the candidate, those that stand for measuring again are the further ones.
        """
        changed = change or (lambda run: run if slow is None else slowed(run, *slow))

        def remeasure(cells):
            runs = map(changed, self.again)
            return [replace(run, cells={key: run.cells[key] for key in cells if key in run.cells}) for run in runs]

        with patch.object(judging, "self_check", lambda *_: None):  # it stops nothing, and takes most of the time
            return judging.judge(
                [*map(changed, [self.candidate, *self.again[: runs - 1]])],
                self.saved,
                self.policy,
                today=TODAY,
                remeasure=remeasure if look_again else None,
                **more,
            )

    def of_few(self, random, count=3):
        """With so many cells alone, as of a small model, of which no peers show the machine's state."""
        keys = random.sample(timed_cells(self.candidate), count)
        return self.each_run(lambda run: replace(run, cells={key: run.cells[key] for key in keys if key in run.cells}))

    def with_wilder_cells(self, random, middles, times, count=3):
        """With so many cells that vary ``times`` as much between runs, as those of one's own model may."""
        keys = [key for key in timed_cells(self.candidate) if key in middles]
        chosen = random.sample(keys, count)
        return self.each_run(lambda run: further(run, [key for key in chosen if key in run.cells], middles, times))

    def each_run(self, changed):
        """The draw with every run changed."""
        return replace(
            self,
            saved=[*map(changed, self.saved)],
            candidate=changed(self.candidate),
            again=[*map(changed, self.again)],
        )


def is_seen(gate, cell):
    """Whether the gate stops the cell as worse."""
    return any(
        each.cell == cell and each.outcome is VerdictOutcome.WORSE and each.stops is ExitCode.REGRESSION
        for each in gate.verdicts
    )


def draws(pool, saved, count, seed=1, policy=None):
    """So many draws, the same for one seed."""
    random, policy = Random(seed), policy or Policy()  # noqa: S311  # draws, not secrets
    return [Draw.of(pool, saved, random, policy) for _ in range(count)]
