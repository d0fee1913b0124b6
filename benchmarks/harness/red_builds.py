"""How many builds of unchanged code the gate turns red, and which slowdowns of one cell it sees, on real runs.

``python benchmarks/harness/red_builds.py FOLDER...`` takes folders of `repeated_runs.py`, one for each hour and
profile. A build is red where the gate ends with any code but 0. Next to it are pytest-benchmark's own rules on the
same draws: the candidate against the last saved run.
"""

import argparse
import json
from collections import Counter
from functools import partial
from pathlib import Path
from random import Random
from statistics import median

from gate_draws import draws, is_seen, runs_in, timed_cells

from lab4.analysis.calibration import Hour, spreads_document
from lab4.analysis.policy import Policy
from lab4.analysis.spreads import built_in, spreads_of
from lab4.sampling.binomial import upper

SAVED = (1, 3, 10, 20)
SLOWER = (1.05, 1.08, 1.10, 1.12, 1.15, 1.20, 1.22, 1.30, 1.50, 2.0)
#: pytest-benchmark's rules.
HOST = {"min:5%": ("min", 1.05), "min:10%": ("min", 1.10)}


def red(drawn, saved, count, *, look_again):
    """Draws that end with another code than 0, and why; and the change that the gate says it would see."""
    codes, why, sizes = Counter(), Counter(), []
    for each in drawn(saved, count):
        gate = each.judged(look_again=look_again)
        codes[int(gate.exit_code)] += 1
        why.update(f"{v.outcome.value}: {v.figure} of {v.cell} ({v.evidence.rule})" for v in gate.verdicts if v.stops)
        found = [v.evidence.detectable for v in gate.verdicts if v.figure == "latency" and v.evidence.detectable]
        sizes.append(median(found))
    return codes, why, median(sizes)


def power(drawn, saved, count, factor, *, look_again):
    """In how many draws one cell, each in turn, is seen to be slower."""
    random = Random(2)  # noqa: S311  # draws, not secrets
    seen = 0
    for each in drawn(saved, count, seed=2):
        key = random.choice(timed_cells(each.candidate))
        seen += is_seen(each.judged((key, factor), look_again=look_again), key)
    return seen


def as_said(drawn, saved, count, *, look_again):
    """In how many draws a cell is seen that is slower by what the gate says, or by 1.3 times less or more.

    It says of unchanged code what it would see in 80 of 100.
    """
    random, seen = Random(3), Counter()  # noqa: S311  # draws, not secrets
    for each in drawn(saved, count, seed=3):
        key = random.choice(timed_cells(each.candidate))
        (said,) = (v.evidence.detectable for v in each.judged().verdicts if (v.cell, v.figure) == (key, "latency"))
        for times in (1 / 1.3, 1.0, 1.3):
            seen[times] += is_seen(each.judged((key, 1 + said * times), look_again=look_again), key)
    return [seen[times] for times in sorted(seen)]


def few_red(drawn, saved, count, *, look_again):
    """Draws of three cells alone that end with another code than 0."""
    random = Random(6)  # noqa: S311  # draws, not secrets
    few = [each.of_few(random) for each in drawn(saved, count, seed=6)]
    return sum(each.judged(look_again=look_again).exit_code != 0 for each in few)


def host_red(drawn, saved, count):
    """Draws in which each of pytest-benchmark's rules fails, which compare with the last saved run."""
    failed = Counter()
    for each in drawn(saved, count):
        before, after = each.host
        for rule, (name, most) in HOST.items():
            failed[rule] += any(after[key][name] > most * before[key][name] for key in before.keys() & after.keys())
    return [failed[rule] for rule in HOST]


def rows_of(drawn, saved, options):
    """A row of the table without and one with the second look; more is printed for each."""
    count, host = options.draws, host_red(drawn, saved, options.draws)
    for look_again in (False, True):
        codes, why, size = red(drawn, saved, count, look_again=look_again)
        bad = count - codes[0]
        caught = [power(drawn, saved, count, factor, look_again=look_again) for factor in options.slower]
        said = ", ".join(f"{100 * each / count:.0f}%" for each in as_said(drawn, saved, count, look_again=look_again))
        what = f"{saved}{', second look' if look_again else ''}"
        print(
            f"{what}: {dict(codes)}, red at most {upper(bad, count):.1%}; slower by what it says, 1.3 times less, "
            f"as much and 1.3 times more: {said} seen; three cells alone: "
            f"red {few_red(drawn, saved, count, look_again=look_again)}"
        )
        for reason, number in why.most_common(3):
            print(f"    {number} x {reason}", flush=True)
        others = [""] * len(HOST) if look_again else [f"{each} of {count}" for each in host]
        yield [what, f"{bad} of {count}", f"{size:.0%}", *(f"{100 * n / count:.0f}" for n in caught), *others]


def own_spreads(pool):
    """How much figures vary on the machine, as `lab4 gate --calibrate --spreads` writes it, by these runs."""
    document = spreads_document([Hour("own", [each.run for each in pool])])
    return spreads_of(json.dumps(document), "own")


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--draws", type=int, default=200)
    parser.add_argument("--saved", type=int, nargs="*", default=SAVED)
    parser.add_argument("--slower", type=float, nargs="*", default=SLOWER)
    parser.add_argument(
        "--own", type=int, metavar="N", help="judge by the spreads of every N-th run, as --calibrate writes them"
    )
    options = parser.parse_args()
    seen = [f"+{factor - 1:.0%} seen, %" for factor in options.slower[:1]]
    seen += [f"+{factor - 1:.0%}" for factor in options.slower[1:]]
    heads = ["saved runs", "red, unchanged code", "would see (median cell)", *seen, *(f"`{rule}` red" for rule in HOST)]
    for folder in options.folders:
        pool = runs_in(folder)
        spreads = own_spreads(pool[:: options.own]) if options.own else built_in()
        pool = [each for number, each in enumerate(pool) if not options.own or number % options.own]
        print(f"\n{folder.name}: {len(pool)} runs, {len(timed_cells(pool[0].run))} timed cells, {options.draws} draws")
        drawn = partial(draws, pool, policy=Policy(spreads=spreads))
        rows = [row for saved in options.saved if saved < len(pool) for row in rows_of(drawn, saved, options)]
        for row in (heads, ["---"] * len(heads), *rows):
            print(f"| {' | '.join(row)} |")


if __name__ == "__main__":
    main()
