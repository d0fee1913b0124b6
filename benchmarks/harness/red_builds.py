"""How many builds of unchanged code the gate turns red, and which slowdowns of one cell it sees, on real runs.

``python benchmarks/harness/red_builds.py FOLDER...`` takes folders of `repeated_runs.py`, one for each hour and
profile. A build is red where the gate ends with any code but 0. Next to it are pytest-benchmark's own rules.
"""

import argparse
from collections import Counter
from pathlib import Path
from random import Random
from statistics import median

from gate_draws import draws, is_seen, runs_in, timed_cells

from lab4.sampling.binomial import upper

SAVED = (1, 3, 10, 20)
SLOWER = (1.05, 1.08, 1.10, 1.12, 1.15, 1.20, 1.22, 1.30, 1.50, 2.0)
#: pytest-benchmark's rules.
HOST = {"min:5%": ("min", 1.05), "min:10%": ("min", 1.10)}


def red(pool, saved, count, *, look_again):
    """Draws that end with another code than 0, and why; and the change that the gate says it would see."""
    codes, why, sizes = Counter(), Counter(), []
    for each in draws(pool, saved, count):
        gate = each.judged(look_again=look_again)
        codes[int(gate.exit_code)] += 1
        why.update(f"{v.outcome.value}: {v.figure} of {v.cell} ({v.evidence.rule})" for v in gate.verdicts if v.stops)
        found = [v.evidence.detectable for v in gate.verdicts if v.figure == "latency" and v.evidence.detectable]
        sizes.append(median(found))
    return codes, why, median(sizes)


def power(pool, saved, count, factor, *, look_again):
    """In how many draws one cell, each in turn, is seen to be slower."""
    random = Random(2)  # noqa: S311  # draws, not secrets
    seen = 0
    for each in draws(pool, saved, count, seed=2):
        key = random.choice(timed_cells(each.candidate))
        seen += is_seen(each.judged((key, factor), look_again=look_again), key)
    return seen


def as_said(pool, saved, count, *, look_again):
    """In how many draws a cell is seen that is slower by what the gate says, or by 1.3 times less or more.

    It says of unchanged code what it would see in 80 of 100.
    """
    random, seen = Random(3), Counter()  # noqa: S311  # draws, not secrets
    for each in draws(pool, saved, count, seed=3):
        key = random.choice(timed_cells(each.candidate))
        (said,) = (v.evidence.detectable for v in each.judged().verdicts if (v.cell, v.figure) == (key, "latency"))
        for times in (1 / 1.3, 1.0, 1.3):
            seen[times] += is_seen(each.judged((key, 1 + said * times), look_again=look_again), key)
    return [seen[times] for times in sorted(seen)]


def few_red(pool, saved, count, *, look_again):
    """Draws of three cells alone that end with another code than 0."""
    random = Random(6)  # noqa: S311  # draws, not secrets
    drawn = [each.of_few(random) for each in draws(pool, saved, count, seed=6)]
    return sum(each.judged(look_again=look_again).exit_code != 0 for each in drawn)


def host_red(pool, count):
    """Draws of one saved run in which pytest-benchmark's rules fail."""
    random, failed = Random(1), Counter()  # noqa: S311  # draws, not secrets
    for _ in range(count):
        before, after = random.sample(pool, 2)
        for rule, (name, most) in HOST.items():
            failed[rule] += any(
                after.host[key][name] > most * before.host[key][name] for key in before.host.keys() & after.host.keys()
            )
    return failed


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--draws", type=int, default=200)
    parser.add_argument("--saved", type=int, nargs="*", default=SAVED)
    parser.add_argument("--slower", type=float, nargs="*", default=SLOWER)
    options = parser.parse_args()
    for folder in options.folders:
        pool = runs_in(folder)
        print(f"\n{folder.name}: {len(pool)} runs, {len(timed_cells(pool[0].run))} timed cells, {options.draws} draws")
        print("  one against one,", ", ".join(f"{rule} red {n}" for rule, n in host_red(pool, options.draws).items()))
        for saved in options.saved:
            if saved + 1 > len(pool):
                continue
            for look_again in (False, True):
                codes, why, size = red(pool, saved, options.draws, look_again=look_again)
                bad = options.draws - codes[0]
                caught = {f: power(pool, saved, options.draws, f, look_again=look_again) for f in options.slower}
                print(
                    f"  {saved:2} saved{', second look' if look_again else '':13}: red {bad} ({dict(codes)}, "
                    f"at most {upper(bad, options.draws):.1%}); would see {size:.0%}; seen:",
                    ", ".join(f"+{factor - 1:.0%} {100 * n / options.draws:.0f}%" for factor, n in caught.items()),
                    flush=True,
                )
                found = as_said(pool, saved, options.draws, look_again=look_again)
                shares = ", ".join(f"{100 * each / options.draws:.0f}%" for each in found)
                print(f"       slower by what it says, 1.3 times less, as much and 1.3 times more: {shares} seen")
                print(f"       three cells alone: red {few_red(pool, saved, options.draws, look_again=look_again)}")
                for reason, number in why.most_common(3):
                    print(f"       {number} x {reason}")


if __name__ == "__main__":
    main()
