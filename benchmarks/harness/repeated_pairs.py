"""Measures unchanged code on two sides at the same time, again and again: interleaved runs of all cells.

``python benchmarks/harness/repeated_pairs.py FOLDER --pairs 40`` adds pairs of the inference set to FOLDER, as
``lab4 gate --against HEAD --runs FOLDER`` keeps them, but without ending cells that are decided. `interleaved_draws.py`
and `gate_prior.py` read them. `--keep FILE` adds the figures to a history, a file that the former reads as well.
"""

import argparse
import sys
import time
from pathlib import Path

from interleaved_draws import keep_pairs

from lab4 import launch

SIDES = ("baseline", "candidate")


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--pairs", type=int, default=40)
    parser.add_argument("--keep", type=Path, metavar="FILE", help="add the figures of all pairs to a history")
    options = parser.parse_args()
    sides = [launch.LaunchSide(name, Path(sys.executable), Path.cwd()) for name in SIDES]
    arguments = (*launch.judged_only(sides), *launch.DEFAULT_ARGUMENTS)
    for name in SIDES:
        (options.folder / name).mkdir(parents=True, exist_ok=True)
    for _ in range(options.pairs):
        start = time.perf_counter()
        number = len(list((options.folder / SIDES[-1]).glob("*.json"))) + 1
        contents, _ = launch.measured_interleaved(sides, arguments)
        for name, data in zip(SIDES, contents, strict=True):
            (options.folder / name / f"{number:03d}.json").write_bytes(data)
        print(f"pair {number}: {time.perf_counter() - start:.0f} s", flush=True)
    if options.keep:
        keep_pairs(options.folder, options.keep)


if __name__ == "__main__":
    main()
