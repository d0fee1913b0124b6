"""Known spreads from repeated runs: how much each figure varies between runs of unchanged code, by runtime.

``python benchmarks/harness/gate_prior.py FOLDER... > lab4/analysis/spreads.json`` takes folders of `repeated_runs.py`,
one for each machine, hour and profile, and folders of interleaved runs (`lab4 gate --against HEAD --runs FOLDER`).
"""

import argparse
import json
from pathlib import Path

from gate_draws import runs_in

from lab4.analysis.calibration import Hour, spreads_document
from lab4.reading.runs import runs_at


def hour_in(folder):
    """The runs of a folder, as pairs where they were interleaved."""
    if (folder / "baseline").is_dir():
        return Hour(folder.name, *(runs_at([folder / role], print) for role in ("baseline", "candidate")))
    return Hour(folder.name, [each.run for each in runs_in(folder)])


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folders", nargs="+", type=Path)
    document = spreads_document([hour_in(folder) for folder in parser.parse_args().folders])
    print(json.dumps(document, indent=1, sort_keys=True))


if __name__ == "__main__":
    main()
