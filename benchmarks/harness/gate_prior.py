"""Known spreads from repeated runs: how much each figure varies between runs of unchanged code, by runtime.

``python benchmarks/harness/gate_prior.py FOLDER... > lab4/analysis/spreads.json`` takes folders of `repeated_runs.py`,
one for each machine, hour and profile, and folders of interleaved runs (`lab4 gate --against HEAD --runs FOLDER`).
"""

import argparse
import json
from itertools import product
from math import sqrt
from pathlib import Path
from statistics import median

from gate_draws import runs_in

from lab4.analysis.gate.peers import movement_of_groups, relative_to_peers
from lab4.analysis.gate.policy import Policy
from lab4.analysis.gate.sides import TIMED
from lab4.analysis.gate.timed import comparison_of
from lab4.analysis.spreads import ANY, SCHEMA
from lab4.reading.runs import runs_at

#: Of the cells of a kind this share varies less than what is written: the others must not raise alarms.
_SHARE = 0.9
#: A lower bound: of an hour that is calmer than any other.
_LEAST = 0.003
#: By experiment (`red_builds.py`): what is known of a kind counts as much as so many runs of a cell.
_FREEDOM = 8.0


def spreads_in(compared):
    """By figure, runtime and kind, the variance of each cell between these runs: pairs, or both sides the same runs."""
    found = {}
    for name in TIMED:
        sides, _ = compared.sides[name]
        kinds = {"paired": sides}
        if not compared.paired:
            groups = movement_of_groups(sides, compared.groups)
            kinds = {"own": sides, "relative": relative_to_peers(sides, compared.groups), "group": groups}
        for kind, values in kinds.items():
            firsts = {compared.groups.of(cell)[0] for cell in values.means}
            for cell in values.means:
                if kind != "group" or cell in firsts:
                    variance = values.spread(cell).variance
                    found.setdefault((name, compared.groups.runtime(cell), kind), []).append(variance)
    return found


def compared_in(folder):
    """The runs of a folder, as pairs where they were interleaved, else as both sides."""
    if (folder / "baseline").is_dir():
        before, after = (runs_at([folder / role], print) for role in ("baseline", "candidate"))
        return comparison_of(before, after, Policy(), paired=True), before
    runs = [each.run for each in runs_in(folder)]
    return comparison_of(runs, runs, Policy()), runs


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folders", nargs="+", type=Path)
    options = parser.parse_args()
    pooled, sources, seen_widths = {}, [], {}
    for folder in options.folders:
        compared, runs = compared_in(folder)
        profile, machine = runs[0].settings.profile, runs[0].machine
        facts = {"hour": folder.name, "cpu": machine.cpu, "cores": machine.logical_cores}
        sources.append({**facts, "profile": profile, "runs": len(runs), "interleaved": compared.paired})
        for run in () if compared.paired else compared.baselines:
            for cell, width in run.widths.items():
                for key in product((profile, ANY), (compared.groups.runtime(cell), ANY)):
                    seen_widths.setdefault(key[0], {}).setdefault(key[1], []).append(width)
        for (name, runtime, kind), variances in spreads_in(compared).items():
            # Peaks of memory jump in a cell or two of any runtime: more cells show that better.
            runtimes = {ANY} if name == "memory" else {runtime, ANY}
            for key in product([name], (profile, ANY), sorted(runtimes)):
                pooled.setdefault((*key, kind), []).extend(variances)
    deviations = {}
    for (name, profile, runtime, kind), variances in pooled.items():
        ordered = sorted(map(sqrt, variances))
        value = ordered[int(_SHARE * (len(ordered) - 1))]
        by_runtime = deviations.setdefault(name, {}).setdefault(profile, {})
        by_runtime.setdefault(runtime, {})[kind] = float(f"{max(value, _LEAST):.2g}")
    document = {"schema": SCHEMA, "freedom": _FREEDOM, "runs": sources, "deviations": deviations}
    document["widths"] = {
        profile: {runtime: float(f"{median(each):.2g}") for runtime, each in by_runtime.items()}
        for profile, by_runtime in seen_widths.items()
    }
    print(json.dumps(document, indent=1, sort_keys=True))


if __name__ == "__main__":
    main()
