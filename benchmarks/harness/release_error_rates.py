"""How often a release of unchanged code is stopped, and which changes are seen, on many simulated machines.

The cells are those of a real run (a history of figures, such as docs/evidence/runs/worksheet-noisy.sqlite). Between
runs they vary by the spreads that lab4 ships, taken as exact for every cell: normal, or with one run in ten in which
everything varies three times as much. Machines differ in speed, and each is judged against its own runs. With
``--real`` the machines' runs are drawn from those of the history, none twice.
"""

import argparse
from collections import Counter
from contextlib import closing
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from math import exp
from pathlib import Path
from random import Random
from statistics import median

from gate_draws import slowed

from lab4.analysis.gate.sides import TIMED
from lab4.analysis.gate.timed import comparison_of
from lab4.analysis.gate.verdict import VerdictOutcome
from lab4.analysis.policy import Policy
from lab4.analysis.release.judge import ReleaseRules, judge_release
from lab4.analysis.release.machines import release_machines
from lab4.analysis.spreads import built_in
from lab4.history.store.opening import open_copy

START = datetime(2026, 1, 1, tzinfo=timezone.utc)
RULES = ReleaseRules(Policy(), date(2026, 6, 1))
#: Standard deviation of the logarithm of a cell's usual time between machines.
MACHINES = 0.3
#: The share of runs in which everything varies more, and by how much.
BAD_RUNS, WORSE = 0.1, 3.0


class Fleet:
    """Machines whose runs vary by chance."""

    def __init__(self, template, random, *, bad_runs):
        self.template, self.random, self.bad_runs = template, random, bad_runs
        compared = comparison_of([template], [template], RULES.policy)
        self.groups, known_by, profile = compared.groups, compared.known_by, compared.profile
        self.known = {
            (name, key): [
                built_in().deviation(name, profile, known_by[key], kind) for kind in ("group", "relative", "own")
            ]
            for key, cell in template.cells.items()
            for name in TIMED
            if name in cell.values
        }

    def machine(self, number):
        """The usual figures of a machine, under its name."""
        speed = {key: exp(self.random.gauss(0, MACHINES)) for key in self.template.cells}
        cells = {
            key: replace(cell, values=_times(cell.values, speed[key]), corrected=_times(cell.corrected, speed[key]))
            for key, cell in self.template.cells.items()
        }
        return replace(self.template, cells=cells, machine=replace(self.template.machine, node=f"machine-{number}"))

    def run(self, usual, number):
        """A run of a machine, by chance."""
        wider = WORSE if self.bad_runs and self.random.random() < BAD_RUNS else 1.0
        moved, cells = {}, {}
        for key, cell in usual.cells.items():
            by = {}
            members = self.groups.of(key)
            for name in TIMED:
                if (name, key) in self.known:
                    group, relative, own = self.known[name, key]
                    if len(members) > 1:
                        shared = moved.setdefault((name, members[0]), self.random.gauss(0, wider * group))
                        by[name] = exp(shared + self.random.gauss(0, wider * relative))
                    else:
                        by[name] = exp(self.random.gauss(0, wider * own))
            cells[key] = replace(
                cell,
                values={name: value * by.get(name, 1.0) for name, value in cell.values.items()},
                corrected={name: value * by.get(name, 1.0) for name, value in cell.corrected.items()},
            )
        started = (START + timedelta(minutes=number)).isoformat()
        return replace(usual, cells=cells, started_at=started, source=f"{usual.machine.node}-{number}")


def real_draw(pool, machines, saved, random):
    """A release of runs of the history, as if each few of them were another machine's."""
    drawn = random.sample(pool, machines * (saved + 1))
    candidates, baselines = [], []
    for number in range(machines):
        own = drawn[number * (saved + 1) : (number + 1) * (saved + 1)]
        named = [replace(run, machine=replace(run.machine, node=f"machine-{number}")) for run in own]
        # The candidate is the latest: the machine's own time does not matter here.
        started = (START + timedelta(days=365, minutes=number)).isoformat()
        candidates.append(replace(named[0], started_at=started))
        baselines += named[1:]
    return judge_release(release_machines(candidates, baselines), RULES, baselines=baselines)


def _times(values, factor):
    return {name: value * factor if name in TIMED else value for name, value in values.items()}


def draw(fleet, machines, saved, change=None):
    """A release: the machines' saved runs, and their candidates as ``change`` makes them of number and run."""
    usual = [fleet.machine(number) for number in range(machines)]
    baselines = [fleet.run(each, number) for each in usual for number in range(saved)]
    candidates = [fleet.run(each, saved) for each in usual]
    if change is not None:
        candidates = [change(number, run) for number, run in enumerate(candidates)]
    return judge_release(release_machines(candidates, baselines), RULES, baselines=baselines)


def timed_cells(run):
    return [key for key, cell in run.cells.items() if "latency" in cell.values and cell.state == "measured"]


def seen(release, key):
    """How the release reports a slower cell: on all machines, on some, on one, or not."""
    for each in release.verdicts:
        if each.verdict.cell == key and each.verdict.outcome is VerdictOutcome.WORSE and each.verdict.stops:
            return "all" if each.is_shared else "one" if len(each.machines) == 1 else "some"
    return "no"


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("history", type=Path)
    parser.add_argument("--machines", type=int, nargs="*", default=[2, 5, 20])
    parser.add_argument("--saved", type=int, nargs="*", default=[1, 3, 20])
    parser.add_argument("--draws", type=int, default=100)
    parser.add_argument("--everywhere", type=float, nargs="*", default=[], help="one cell slower on all machines")
    parser.add_argument("--single", type=float, nargs="*", default=[], help="one cell slower on one machine")
    parser.add_argument("--real", action="store_true", help="draw from the history's own runs")
    parser.add_argument("--bad-runs", action="store_true", help="one run in ten varies three times as much")
    options = parser.parse_args()
    with closing(open_copy(f"sqlite:///{options.history}")) as store:
        pool = store.runs()
    cells = timed_cells(pool[-1])
    print(f"{len(pool[-1].cells)} cells, {len(cells)} timed; {options.draws} draws; bad runs: {options.bad_runs}")
    heads = ["machines", "saved runs of each", "red, unchanged code", "would see on all machines (median cell)"]
    for where, factors in (("all", options.everywhere), ("one", options.single)):
        heads += [f"+{100 * (factor - 1):.3g}% on {where}" for factor in factors]
    rows = [
        row_of(options, pool, cells, machines, saved)
        for machines in options.machines
        for saved in options.saved
        if not options.real or machines * (saved + 1) <= len(pool)
    ]
    for row in (heads, ["---"] * len(heads), *rows):
        print(f"| {' | '.join(row)} |")


def row_of(options, pool, cells, machines, saved):
    """How releases of so many machines with so many saved runs end, as a row; what stops them is printed."""
    random = Random(1)  # noqa: S311  # draws, not secrets
    fleet = Fleet(pool[-1], random, bad_runs=options.bad_runs)
    red, seen_from = 0, []
    for _ in range(options.draws):
        release = real_draw(pool, machines, saved, random) if options.real else draw(fleet, machines, saved)
        red += release.exit_code != 0
        seen_from.append(release.detectable[len(release.detectable) // 2])
        for each in release.verdicts:
            if each.verdict.stops:
                print(f"{machines} machines, {saved} saved: {each.verdict.cell} {each.verdict.reason} {each.machines}")
    row = [str(machines), str(saved), f"{red} of {options.draws}", f"{median(seen_from):.1%}"]
    for is_everywhere, factors in ((True, options.everywhere), (False, options.single)):
        for factor in factors:
            found = Counter()
            for number in range(options.draws):
                key = cells[number % len(cells)]

                def change(at, run, key=key, factor=factor, is_everywhere=is_everywhere):
                    return slowed(run, key, factor) if is_everywhere or at == 0 else run

                found[seen(draw(fleet, machines, saved, change), key)] += 1
            right = found["all" if is_everywhere else "one"]
            other = options.draws - found["no"] - right
            row.append(f"{right}{f' + {other} elsewhere' if other else ''}")
    print(*row, flush=True)
    return row


if __name__ == "__main__":
    main()
