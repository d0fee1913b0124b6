"""Known spreads from repeated runs: how much each figure varies between runs of unchanged code, by runtime.

``python benchmarks/harness/gate_prior.py FOLDER... > lab4/analysis/spreads.json`` takes folders of `repeated_runs.py`,
one for each machine, hour and profile, and folders of interleaved runs (`lab4 gate --against HEAD --runs FOLDER`).
``--tails FOLDER`` has runs in which nothing else worked: percentiles are known by these, as other programs lengthen
them, sometimes, in some cells.
"""

import argparse
import json
from pathlib import Path

from gate_draws import runs_in

from lab4.analysis.calibration import Hour, spreads_document
from lab4.reading.runs import runs_at
from lab4.sampling.quantiles import TAILS


def hour_in(folder):
    """The runs of a folder, as pairs where they were interleaved."""
    if (folder / "baseline").is_dir():
        return Hour(folder.name, *(runs_at([folder / role], print) for role in ("baseline", "candidate")))
    return Hour(folder.name, [each.run for each in runs_in(folder)])


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--tails", nargs="*", type=Path, default=[])
    options = parser.parse_args()
    document = spreads_document([hour_in(folder) for folder in options.folders])
    if options.tails:
        quiet = spreads_document([hour_in(folder) for folder in options.tails])
        document["runs"] += quiet["runs"]
        for name in TAILS:
            document["deviations"][name] |= quiet["deviations"][name]
    print(json.dumps(document, indent=1, sort_keys=True))


if __name__ == "__main__":
    main()
