"""How long a large history takes: list it, follow a cell, judge a run by its last twenty; and a gate over many cells.

The history is made of a real run's figures, each run of it with luck of its own. The many cells are the run's own, with
all of their samples, again and again under other models' names.
"""

import argparse
import json
import subprocess
import sys
from copy import deepcopy
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from itertools import islice
from math import exp
from pathlib import Path
from random import Random
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

from lab4.domain.cell import LATENCY
from lab4.environment import child_environment
from lab4.history.json_text import read_bytes
from lab4.history.store import open_store
from lab4.reading.runs import figures_in

START = datetime(2020, 1, 1, tzinfo=timezone.utc)
NOISE = 0.01
MANY, BASELINES = 200, 20
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


def widened(document, count):
    """The run with so many measured inference cells."""
    rows = [row for row in document["benchmarks"] if row["extra_info"]["lab4"]["cell"]["kind"] == LATENCY]
    made, planned, models = [], [], {}
    for number in range(count):
        row = deepcopy(rows[number % len(rows)])
        cell = row["extra_info"]["lab4"]["cell"]
        model, dash, rest = cell["id"].partition("-")
        name, dot, technique = model.partition(".")
        cell["model"] = f"{name}{number // len(rows)}"
        models[cell["model"]] = {**document["lab4"]["catalogue"]["models"][name], "name": cell["model"]}
        cell["id"] = f"{cell['model']}{dot}{technique}{dash}{rest}"
        made.append(row)
        planned.append(f"{cell['kind']}/{cell['id']}")
    section = document["lab4"]
    catalogue = {**section["catalogue"], "models": models}
    section = {**section, "catalogue": catalogue, "planned": planned, "unmeasured": []}
    return {**document, "benchmarks": made, "lab4": section}


def gate_of_many(path, folder, repeats):
    document = json.loads(read_bytes(path))
    wide = widened(document, MANY)
    for number in range(BASELINES + 1):
        moment = f"2026-01-01T00:{number:02d}:00+00:00"
        text = json.dumps({**wide, "lab4": {**wide["lab4"], "started_at": moment}})
        Path(folder, f"{number}.json").write_text(text, encoding="utf-8")
    files = [f"{number}.json" for number in range(BASELINES + 1)]
    lab4 = [sys.executable, "-m", "lab4"]
    print(f"gate of {MANY} cells, each run of {Path(folder, files[0]).stat().st_size / 1e6:.1f} MB")
    seconds = timed([*lab4, "gate", files[0], "--baseline", files[1]], folder, repeats)
    print(f"  a file against one                {seconds:5.2f} s")
    timed([*lab4, "history", "add", *files[1:], "--history", "h"], folder, 1)
    seconds = timed([*lab4, "gate", files[0], "--last", str(BASELINES), "--history", "h"], folder, repeats)
    print(f"  a file against {BASELINES} of the history  {seconds:5.2f} s (wanted: under 1)")


def timed(command, folder, repeats):
    # As installed: an environment that writes no bytecode compiles the modules anew for every command.
    environment = {name: value for name, value in child_environment().items() if name != "PYTHONDONTWRITEBYTECODE"}
    subprocess.run([*command[:3], "--version"], check=True, capture_output=True, env=environment)  # ours
    seconds = []
    for _ in range(repeats):
        start = perf_counter()
        answer = subprocess.run(command, cwd=folder, check=False, capture_output=True, text=True, env=environment)
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
        gate_of_many(options.run, place, options.repeats)


if __name__ == "__main__":
    main()
