"""How often `lab4 gate --against` errs, and how long it takes, on real interleaved runs of unchanged code.

``python benchmarks/harness/interleaved_draws.py PLACE...`` takes folders as ``lab4 gate --against HEAD --runs FOLDER``
keeps, or `repeated_pairs.py`, or the histories of figures that the latter makes of them. Each draw takes their pairs in
another order, with the sides of some exchanged, as if they were measured now. A pair of fewer cells than it was
measured with takes ``--start`` seconds, as one of a single cell takes, and its share of the rest.
"""

import argparse
from collections import Counter
from dataclasses import replace
from datetime import date
from itertools import pairwise
from pathlib import Path
from random import Random
from statistics import median

from gate_draws import figures_kept, is_seen, keep, slowed, timed_cells

from lab4.analysis.gate.interleaved import DEFAULT_EFFORT, THOROUGH_EFFORT, judge_interleaved
from lab4.analysis.policy import Policy
from lab4.domain.fields import moment
from lab4.reading.runs import runs_at
from lab4.sampling.binomial import upper

TODAY = date(2026, 1, 1)
SLOWER = {False: (1.03, 1.05, 1.08, 1.15, 2.0), True: (1.02, 1.03)}


ROLES = ("baseline", "candidate")


def sides_in(place):
    """The runs of the baseline and those of the candidate, pair by pair."""
    if place.is_dir():
        return [runs_at([place / role], print) for role in ROLES]
    kept = figures_kept(place)
    return [[run for run, said in kept if said["role"] == role] for role in ROLES]


def pairs_in(places):
    """All pairs, each with the seconds until the next one began."""
    found = []
    for place in places:
        sides = sides_in(place)
        began = [moment(run.started_at).timestamp() for run in sides[0]]
        lasted = [after - before for before, after in pairwise(began)]
        found += zip(*sides, [*lasted, median(lasted)], strict=True)
    return found


def keep_pairs(folder, place):
    """Add the figures of a folder's pairs to a history, which is a hundredth of their size."""
    keep(
        (
            (run, {"role": role, "pair": number})
            for role, runs in zip(ROLES, sides_in(folder), strict=True)
            for number, run in enumerate(runs)
        ),
        place,
    )


class Replayed:
    """Measures by taking pairs that were measured, in random order; again from the first when all have been taken."""

    def __init__(self, pool, random, start_s, slow=None):
        self.pool, self.random, self.start_s, self.slow = random.sample(pool, len(pool)), random, start_s, slow
        self.used, self.seconds = 0, 0.0
        self.left = []

    def __call__(self, cells):
        """The next pair that has these cells."""
        if not any(self.has(each, cells) for each in self.left):
            self.left = self.random.sample(self.pool, len(self.pool))
        number = next(at for at, each in enumerate(self.left) if self.has(each, cells))
        before, after, seconds = self.left.pop(number)
        if self.random.random() < 0.5:  # noqa: PLR2004  # a coin
            before, after = after, before
        self.used += 1
        share = 1.0 if cells is None else len(cells) / max(1, len(timed_cells(before)))
        fixed_s = min(seconds, self.start_s)
        self.seconds += fixed_s + (seconds - fixed_s) * share
        if self.slow is not None:
            after = slowed(after, *self.slow) if self.slow[0] in after.cells else after
        return tuple(
            run if cells is None else replace(run, cells={key: run.cells[key] for key in cells})
            for run in (before, after)
        )

    def has(self, pair, cells):
        """Whether the pair has these cells, or all."""
        wanted = max((timed_cells(each[0]) for each in self.pool), key=len) if cells is None else cells
        return set(wanted) <= set(timed_cells(pair[0])) & set(timed_cells(pair[1]))

    def clock(self):
        """What the pairs take."""
        return self.seconds


def with_cells(pool, keys, start_s, pair_s):
    """The pairs with these cells alone, each in ``pair_s`` seconds, or in its share of what it took."""

    def lasted(before, seconds):
        fixed_s = min(seconds, start_s)
        return fixed_s + (seconds - fixed_s) * len(keys) / len(timed_cells(before))

    return [
        (
            *(replace(run, cells={key: run.cells[key] for key in keys if key in run.cells}) for run in (before, after)),
            pair_s or lasted(before, seconds),
        )
        for before, after, seconds in pool
    ]


def judged(pool, random, effort, start_s, slow=None):
    """The result of one comparison, and what it took."""
    bench = Replayed(pool, random, start_s, slow)
    gate = judge_interleaved(bench, Policy(), effort, today=TODAY, confirm=True, clock=bench.clock)
    return gate, bench


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("places", nargs="+", type=Path)
    parser.add_argument("--draws", type=int, default=100)
    parser.add_argument("--thorough", action="store_true")
    parser.add_argument(
        "--start", type=float, default=float("inf"), metavar="S", help="default: all pairs take as long"
    )
    parser.add_argument("--slower", type=float, nargs="*")
    parser.add_argument("--cells", type=int, metavar="N", help="so many cells alone, others in each draw")
    parser.add_argument("--pair", type=float, metavar="S", help="a pair takes so many seconds, as of large models")
    options = parser.parse_args()
    pool, random = pairs_in(options.places), Random(1)  # noqa: S311  # draws, not secrets
    effort = THOROUGH_EFFORT if options.thorough else DEFAULT_EFFORT
    cells = max((timed_cells(each[0]) for each in pool), key=len)
    print(f"{len(pool)} pairs of runs, {len(cells)} timed cells, {options.draws} draws, {effort}")
    minutes, middle, worst, why = [], [], [], Counter()

    def draw(number, factor=None):
        keys = random.sample(cells, options.cells) if options.cells else cells
        own = with_cells(pool, keys, options.start, options.pair) if options.cells or options.pair else pool
        slow = factor and (keys[number * 7 % len(keys)], factor)
        return slow, *judged(own, random, effort, options.start, slow)

    for number in range(options.draws):
        _, gate, bench = draw(number)
        minutes.append(bench.seconds / 60)
        middle.append(median(gate.detectable))
        worst.append(gate.detectable[-1])
        if gate.exit_code:
            why.update({" and ".join(f"{v.cell} {v.figure}: {v.reason}" for v in gate.verdicts if v.stops): 1})
    red, count = why.total(), options.draws
    print(f"red: at most {upper(red, count):.1%}")
    for each, number in why.most_common():
        print(f"  {number} x {each}")
    row = {
        "red, unchanged code": f"{red} of {count}",
        "decided after (median, at most)": f"{median(minutes):.1f}, {max(minutes):.1f} min",
        "would see (median cell, worst)": f"{median(middle):.1%}, {median(worst):.1%}",
    }
    for factor in options.slower or SLOWER[options.thorough]:
        found = 0
        for number in range(count):
            (key, _), gate, _ = draw(number, factor)
            found += is_seen(gate, key)
        row[f"{factor - 1:+.0%} seen"] = f"{found} of {count}"
        print(f"one cell {factor - 1:+.0%}: seen {found} of {count}", flush=True)
    for each in (row, ["---"] * len(row), row.values()):
        print(f"| {' | '.join(each)} |")


if __name__ == "__main__":
    main()
