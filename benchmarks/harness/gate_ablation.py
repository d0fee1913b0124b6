"""What each of the gate's rules is worth: red builds and power on real runs, with one rule off at a time.

``python benchmarks/harness/gate_ablation.py RUNS`` takes a folder of `repeated_runs.py`. A rule that changes
neither by five points at any size of sides has no place in the gate.
"""

import argparse
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from math import inf
from pathlib import Path
from random import Random
from statistics import fmean, variance
from unittest.mock import patch

from gate_draws import draws, is_seen, middles_of, runs_in, slowed, timed_cells

from lab4.analysis.gate import judge, sides, timed
from lab4.analysis.policy import Policy
from lab4.analysis.spreads import built_in
from lab4.sampling import robust
from lab4.sampling.noise import NoiseOfHour
from lab4.sampling.variances import Spread

#: Saved runs, and the slowdown of one cell that is looked for.
SIZES = {1: 1.30, 3: 1.22, 10: 1.15, 20: 1.12}


def by_itself(name, compared):
    """Every cell by its own change."""
    return [(cell, timed.OWN, compared.sides[name][0]) for cell in compared.sides[name][0].medians]


def without_groups(name, compared, whole=timed._by_rule):
    """No test of what all peers have in common."""
    return [each for each in whole(name, compared) if each[1] != timed.GROUP]


def uncorrected(runs, whole=timed.logged):
    """As measured, not divided by the frequency probe."""
    return [replace(each, corrected={name: {} for name in each.corrected}) for each in whole(runs)]


def by_means(values, middle, variances, whole=robust.spread_by_deviations):
    """Means and variances in place of medians and median deviations."""
    return Spread(variance(values), len(values) - 1) if len(values) > 1 else whole(values, middle, variances)


def shared_by_all(tests, policy, _):
    """The same part of the rate for all tests, also for those that cannot stop the gate."""
    return timed.at_equal_parts(tests, policy.false_alarms, len(tests))


def alike(*all_cells, whole=NoiseOfHour.seen_in, **more):
    """One noise of the hour for all cells."""
    return whole(*all_cells, **more)._replace(of_kinds={})


def in_proportion(hour, known, kind=None):
    """As many times noisier for what varies more in any case."""
    return hour.of_kinds.get(kind, hour.ratio) * known**2


def unlearned(of, name, compared, whole=timed._seen):
    """As if a cell had never been measured before."""
    seen = whole(of, name, compared)
    return seen._replace(spread=seen.spread._replace(freedom=0))


#: By the name of what is off: what to put in whose place.
OFF = {
    "nothing": [],
    "peers (each cell by itself)": [(timed, "_by_rule", by_itself)],
    "groups of peers": [(timed, "_by_rule", without_groups)],
    "known spreads (a tenth of a run)": [(Policy, None, replace(built_in(), freedom=0.1))],
    "the baseline's own spread": [(timed, "_seen", unlearned)],
    "medians and median deviations": [
        (sides, "spread_by_deviations", by_means),
        (sides, "median", fmean),
        (robust, "variance_of_median_of", lambda count: 1 / count),
    ],
    "three runs for other figures": [(timed, "_LEAST_RUNS", 0)],
    "runs that agree": [(timed, "_AGREEING", 0.0)],
    "the rate is shared by what may stop": [(judge, "decided", shared_by_all)],
    "a larger part for tests that need it": [(timed, "_demanded_limit", lambda *_: 1.0)],
    "few calls vary more": [(timed, "_FEW_CALLS", 0)],
    "noise of each kind of cell": [(NoiseOfHour, "seen_in", staticmethod(alike))],
    "what varies more gets no noisier": [(NoiseOfHour, "variance", in_proportion)],
    "long calls apart": [(timed, "known_by", lambda runtime, _: runtime)],
    "noise of the hour": [(NoiseOfHour, "seen_in", staticmethod(lambda *_, **__: NoiseOfHour(1.0)))],
    "heavy tails": [(timed, "_MOST_FREEDOM", inf), (timed, "_MOST_FREEDOM_OF_OTHERS", inf)],
    "frequency probe": [(timed, "logged", uncorrected)],
    "tolerances": [(Policy, "tolerance", lambda *_: 1e-9)],
}


#: Those that buy less than five points in one hour or another: thirty draws do not show by how much.
SMALL = (
    "nothing",
    "noise of each kind of cell",
    "heavy tails",
    "few calls vary more",
    "frequency probe",
    "the baseline's own spread",
    "runs that agree",
)


@contextmanager
def without(off):
    """Switch a rule off; yields the policy."""
    with ExitStack() as patched:
        policy = Policy()
        for where, name, other in OFF[off]:
            if name is None:
                policy = replace(policy, spreads=other)
            else:
                patched.enter_context(patch.object(where, name, other))
        yield policy


def red_builds(drawn, policy, **more):
    """How many of these builds of unchanged code are red."""
    return sum(replace(each, policy=policy).judged(**more).exit_code != 0 for each in drawn)


def with_wilder_cells(pool, drawn, times):
    """The draws, in each of which three cells vary so many times more between runs."""
    random, middles = Random(7), middles_of(pool)  # noqa: S311  # draws, not secrets
    return drawn if times == 1 else [each.with_wilder_cells(random, middles, times) for each in drawn]


def shares(pool, size, count, policy, *, look_again=False):
    """The share of red builds of unchanged code, and that of draws in which one slower cell is seen."""
    saved, factor = size
    red = red_builds(draws(pool, saved, count), policy, look_again=look_again)
    random, seen = Random(2), 0  # noqa: S311  # draws, not secrets
    for each in draws(pool, saved, count, seed=2, policy=policy):
        key = random.choice(timed_cells(each.candidate))
        seen += is_seen(each.judged((key, factor), look_again=look_again), key)
    return 100 * red / count, 100 * seen / count


def whole_runtime(pool, saved, count, policy):
    """The share of draws in which cells of one runtime, all 10% slower in the candidate, are seen."""
    random, seen = Random(5), 0  # noqa: S311  # draws, not secrets
    for each in draws(pool, saved, count, seed=5, policy=policy):
        compared = timed.comparison_of(each.saved, [each.candidate], policy)
        runtime = random.choice(sorted({compared.groups.runtime(key) for key in timed_cells(each.candidate)}))
        keys = [key for key in timed_cells(each.candidate) if compared.groups.runtime(key) == runtime]
        candidate = each.candidate
        for key in keys:
            candidate = slowed(candidate, key, 1.10)
        found = replace(each, candidate=candidate).judged()
        seen += any(is_seen(found, key) for key in keys)
    return 100 * seen / count


def other_hour(pool, other, saved, count, policy):
    """The share of red builds where the saved runs are of another hour than the candidate."""
    drawn = zip(draws(other, saved, count), draws(pool, 0, count), strict=True)
    return 100 * red_builds([replace(each, candidate=new.candidate) for each, new in drawn], policy) / count


def few_cells(pool, saved, count, policy):
    """The share of red builds of runs with three cells, of which no peers show the machine's state."""
    random = Random(6)  # noqa: S311  # draws, not secrets
    return 100 * red_builds([each.of_few(random) for each in draws(pool, saved, count, seed=6)], policy) / count


def of_small_rules(runs, saved, count, wilder, candidates):
    """Print how many builds of each hour are red without a rule, by saved runs."""
    pools = [runs_in(each) for each in runs]
    drawn = [[with_wilder_cells(pool, draws(pool, size, count), wilder) for size in saved] for pool in pools]
    print(f"| off | {' | '.join(each.stem for each in runs)} |")
    print(f"| --- {'| --- ' * len(runs)}|")
    for off in SMALL:
        with without(off) as policy:
            found = [[red_builds(each, policy, runs=candidates) for each in of_pool] for of_pool in drawn]
        print(f"| {off} | {' | '.join(', '.join(map(str, each)) for each in found)} |", flush=True)


def of_all_rules(options):
    """Print what each rule is worth in an hour."""
    (runs,) = options.runs
    pool, others = runs_in(runs), [runs_in(each) for each in options.other]
    sizes = {saved: SIZES[saved] for saved in options.saved if saved + 4 <= len(pool)}
    print(f"{runs.name}: {len(pool)} runs, {options.draws} draws: red builds / one slower cell seen, in percent")
    heads = [f"{saved} saved, +{factor - 1:.0%}" for saved, factor in sizes.items()]
    heads += ["1 saved, second look, +15%", "3 saved, a whole runtime +10%", "1 saved, three cells"]
    heads += [f"3 saved of {each.stem}" for each in options.other]
    print(f"| off | {' | '.join(heads)} |")
    print(f"| --- {'| --- ' * len(heads)}|")
    for off in OFF:
        with without(off) as policy:
            found = [shares(pool, size, options.draws, policy) for size in sizes.items()]
            found.append(shares(pool, (1, 1.15), options.draws, policy, look_again=True))
            row = [f"{red:.0f} / {seen:.0f}" for red, seen in found]
            row.append(f"{whole_runtime(pool, 3, options.draws, policy):.0f}")
            row.append(f"{few_cells(pool, 1, options.draws, policy):.0f} red")
            row += [f"{other_hour(pool, each, 3, options.draws, policy):.0f} red" for each in others]
        print(f"| {off} | {' | '.join(row)} |", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("runs", type=Path, nargs="+", help="one hour, or with --red several")
    parser.add_argument("--red", action="store_true", help="red builds alone, without one of the rules that buy little")
    parser.add_argument(
        "--wilder", type=float, default=1.0, help="with --red: three cells vary so many times more between runs"
    )
    parser.add_argument("--candidates", type=int, default=1, help="with --red: runs of the candidate, 4 at most")
    parser.add_argument("--other", type=Path, nargs="*", default=[], help="other hours, of which the saved runs may be")
    parser.add_argument("--draws", type=int, default=100)
    parser.add_argument("--saved", type=int, nargs="*", default=list(SIZES))
    options = parser.parse_args()
    if options.red:
        of_small_rules(options.runs, options.saved, options.draws, options.wilder, options.candidates)
    else:
        of_all_rules(options)


if __name__ == "__main__":
    main()
