"""Known spreads from repeated runs: how much each figure varies between runs of unchanged code, by runtime.

``python benchmarks/harness/gate_prior.py FOLDER... > lab4/analysis/spreads.json`` takes folders of `repeated_runs.py`,
one for each machine, hour and profile, and folders of interleaved runs (`lab4 gate --against HEAD --runs FOLDER`).
``--tails FOLDER`` has runs in which nothing else worked: percentiles are known by these, as other programs lengthen
them, sometimes, in some cells. ``--known FILE`` has spreads of earlier hours: the wider ones count, as a candidate may
be of any hour, and percentiles stay. ``--other FILE`` has those of another machine: the geometric mean counts, from
which the noise of the hour leads to either; percentiles, and what that machine has not measured, stay.
"""

import argparse
import json
from math import sqrt
from pathlib import Path

from gate_draws import runs_in

from lab4.analysis.calibration import Hour, spreads_document
from lab4.analysis.figures import FIGURES
from lab4.analysis.spreads import ANY
from lab4.reading.runs import runs_at
from lab4.sampling.quantiles import TAILS


def hour_in(folder):
    """The runs of a folder, as pairs where they were interleaved."""
    if (folder / "baseline").is_dir():
        return Hour(folder.name, *(runs_at([folder / role], print) for role in ("baseline", "candidate")))
    return Hour(folder.name, [each.run for each in runs_in(folder)])


def widened(known, found):
    """The known spreads, with what was found wider, and with what was not known."""
    for name, profiles in found["deviations"].items():
        if name in TAILS and name in known["deviations"]:
            continue
        of_figure = known["deviations"].setdefault(name, {})
        for profile, runtimes in profiles.items():
            for runtime, kinds in runtimes.items():
                before = of_figure.setdefault(profile, {}).setdefault(runtime, {})
                before |= {kind: max(value, before.get(kind, 0.0)) for kind, value in kinds.items()}
    return _joined(known, found)


def _joined(known, more):
    """The known document, of the runs of both: it is known as well as the better of them."""
    freedom = max(known["freedom"], more["freedom"])
    return {**known, "freedom": freedom, "runs": [*known["runs"], *more["runs"]]}


def between(known, other):
    """The spreads between those of two machines: the geometric mean of each that both have, or that of any profile."""
    for name, profiles in known["deviations"].items():
        others = {} if name in TAILS else other["deviations"].get(name, {})
        for profile, runtimes in profiles.items():
            for runtime, kinds in runtimes.items():
                seen = others.get(profile, {}).get(runtime) or others.get(ANY, {}).get(runtime, {})
                kinds |= {kind: float(f"{sqrt(kinds[kind] * seen[kind]):.2g}") for kind in kinds if kind in seen}
    return _joined(known, other)


def alike_in_profiles(deviations):
    """Give each runtime the widest spread of its profiles: what differs between processes is not of a profile.

    Not of percentiles, of which profiles have more calls or fewer.
    """
    for name, profiles in deviations.items():
        if name in TAILS or FIGURES[name].quantity not in {"time", "rate"}:
            continue
        named = [runtimes for profile, runtimes in profiles.items() if profile != ANY]
        for runtime in {each for runtimes in named for each in runtimes if each != ANY}:
            own = [runtimes[runtime] for runtimes in named if runtime in runtimes]
            for kinds in own:
                kinds |= {kind: max(each.get(kind, 0.0) for each in own) for kind in kinds}


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folders", nargs="*", type=Path)
    parser.add_argument("--tails", nargs="*", type=Path, default=[])
    parser.add_argument("--known", type=Path, metavar="FILE", help="spreads of earlier hours")
    parser.add_argument("--other", type=Path, metavar="FILE", help="spreads of another machine")
    options = parser.parse_args()
    document = spreads_document([hour_in(folder) for folder in options.folders])
    if options.tails:
        quiet = spreads_document([hour_in(folder) for folder in options.tails])
        document["runs"] += quiet["runs"]
        for name in TAILS:
            document["deviations"][name] |= quiet["deviations"][name]
    if options.known:
        document = widened(json.loads(options.known.read_text("utf-8")), document)
    alike_in_profiles(document["deviations"])
    if options.other:
        document = between(document, json.loads(options.other.read_text("utf-8")))
    print(json.dumps(document, indent=1, sort_keys=True))


if __name__ == "__main__":
    main()
