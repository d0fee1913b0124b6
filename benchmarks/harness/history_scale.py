"""How long a large history takes: list it, follow a cell, judge a run by its last twenty.

The history is made of a real run's figures, each run of it with luck of its own.
"""

import argparse
import subprocess
import sys
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from itertools import islice
from math import exp
from pathlib import Path
from random import Random
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

from lab4.history.json_text import read_bytes
from lab4.history.store import open_store
from lab4.reading.runs import figures_in

START = datetime(2020, 1, 1, tzinfo=timezone.utc)
NOISE = 0.01
WANTED_S = 2.0


def lucky(cell, random):
    """The cell as another run would have had it."""
    factor = exp(random.gauss(0, NOISE))
    timed = {name: value * factor for name, value in cell.values.items() if name in cell.corrected}
    corrected = {name: value * factor for name, value in cell.corrected.items()}
    return replace(cell, values={**cell.values, **timed}, corrected=corrected)


def fill(store, whole, runs, random):
    for number in range(runs):
        moment = (START + timedelta(hours=number)).isoformat()
        cells = {key: lucky(cell, random) for key, cell in whole.cells.items()}
        run = replace(whole, started_at=moment, cells=cells, source=f"{number}.json")
        store.add(run, str(number).encode(), run.source)


def timed(command, folder, repeats):
    seconds = []
    for _ in range(repeats):
        start = perf_counter()
        answer = subprocess.run(command, cwd=folder, check=False, capture_output=True, text=True)  # ours
        seconds.append(perf_counter() - start)
        if answer.stderr:
            print(answer.stderr, file=sys.stderr)
    return median(seconds)


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("run", type=Path, help="a run file of the suite")
    parser.add_argument("--runs", type=int, default=10_000)
    parser.add_argument("--cells", type=int, default=60)
    parser.add_argument("--repeats", type=int, default=5)
    options = parser.parse_args()
    found = figures_in(read_bytes(options.run), str(options.run))
    measured = {key: cell for key, cell in found.cells.items() if cell.state == "measured"}
    whole = replace(found, cells=dict(islice(measured.items(), options.cells)))
    with TemporaryDirectory() as place:
        address = f"sqlite:///{Path(place, 'history.sqlite')}"
        store = open_store(address)
        start = perf_counter()
        fill(store, whole, options.runs, Random(1))  # noqa: S311  # samples, not secrets
        store.close()
        print(f"{options.runs:,} runs of {len(whole.cells)} cells added in {perf_counter() - start:.0f} s")
        lab4, history = [sys.executable, "-m", "lab4"], ["--history", address]
        commands = {
            "list": [*lab4, "history", "list", *history],
            "trend of one cell": [*lab4, "history", "trend", next(iter(whole.cells)), *history],
            "gate against the last 20": [*lab4, "gate", str(options.run.absolute()), "--last", "20", *history],
        }
        for what, command in commands.items():
            print(f"  {what:26} {timed(command, place, options.repeats):5.2f} s (wanted: under {WANTED_S:g})")


if __name__ == "__main__":
    main()
