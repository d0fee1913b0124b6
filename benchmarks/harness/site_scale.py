"""How long the site of a large history takes to build, and how large its pages are.

The history is made of the figures of a real run: five machines with speeds of their own, luck between runs as was seen
on real machines, outliers, changes of the code that some cells feel on all machines, and new drivers that all cells
of one machine feel. The newest runs of each machine have a whole file, of which the site makes reports.
"""

import argparse
import gzip
import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from hashlib import sha1
from itertools import islice
from math import exp
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from time import perf_counter

from lab4.domain.cell import EXAMINE, TRAIN, Cell
from lab4.domain.figures import CellFigures, RunFigures
from lab4.environment import child_environment
from lab4.history.json_text import read_bytes
from lab4.history.store import Store, open_store

ROOT = Path(__file__).parents[2]
BASE, DOCUMENT = ROOT / "docs" / "evidence" / "runs" / "worksheet-noisy.sqlite", ROOT / "docs/runs/nvidia-h100.json"
START = datetime(2024, 1, 1, tzinfo=timezone.utc)
HOURS = 20
#: A machine's name, processor, cores and speed against the base run's.
MACHINES = (
    ("laptop", "AMD Ryzen 7 7840U", 16, 0.8),
    ("desktop", "Intel Core i9-14900K", 32, 0.55),
    ("server", "AMD EPYC 9654", 192, 1.0),
    ("board", "ARM Cortex-A76", 4, 4.0),
    ("old-server", "Intel Xeon E5-2680 v4", 28, 1.9),
)
#: Standard deviations of logarithms between runs: of a machine's speed, and of a cell's own luck (0.4 to 2%).
SPEED, LEAST, MOST = 0.01, 0.004, 0.02
#: How often a run of a cell is an outlier, and by how much.
OUTLIERS, OUTLIER = 0.001, 1.3
#: Changes of the code over the history, and the share of cells that feel one. Each machine changes once as a whole.
CODE_CHANGES, FELT = 8, 0.2
EXAMINED, TRAINED, IMAGES = 12, 4, 2_000
TIMED = ("latency", "p50", "p90", "p99")
#: Runs of each machine that have a whole file.
WHOLE = 3
WANTED_S, FIRST_PAGE, CELL_PAGE = 60.0, 1_000_000, 300_000


class History:
    """Runs by chance, each as it would have been added."""

    def __init__(self, cells: int, runs: int, seed: int) -> None:
        self.random = Random(seed)  # noqa: S311  # samples, not secrets
        store = open_store(f"sqlite:///{BASE}")
        self.whole = store.runs(last=1)[0]
        store.close()
        self.cells = dict(islice(_cells(self.whole, cells), cells))
        self.luck = {key: min(MOST, LEAST * exp(self.random.expovariate(1.5))) for key in self.cells}
        self.runs = runs
        self.code = [(self.random.randrange(runs), *self._step()) for _ in range(CODE_CHANGES)]
        self.drivers = [(self.random.randrange(runs), name, self._factor()) for name, *_ in MACHINES]

    def _step(self) -> tuple[set[str], float]:
        felt = {key for key in self.cells if self.random.random() < FELT}
        return felt, self._factor()

    def _factor(self) -> float:
        return exp(self.random.choice((-1, 1)) * self.random.uniform(0.04, 0.2))

    def run(self, number: int) -> RunFigures:
        """The run of this number, in the order of time."""
        name, cpu, cores, speed = MACHINES[number % len(MACHINES)]
        machine = replace(self.whole.machine, node=name, cpu=cpu, logical_cores=cores, physical_cores=cores // 2 or 1)
        moment = exp(self.random.gauss(0, SPEED)) * speed
        moment *= _product(factor for at, whose, factor in self.drivers if whose == name and at <= number)
        revision = sha1(str(number // len(MACHINES)).encode(), usedforsecurity=False).hexdigest()
        return replace(
            self.whole,
            started_at=(START + timedelta(hours=HOURS * number)).isoformat(),
            machine=machine,
            commit=replace(self.whole.commit, revision=revision, dirty=False),
            cells={key: self._lucky(key, cell, number, moment) for key, cell in self.cells.items()},
            source=f"{number}.json",
        )

    def _lucky(self, key: str, cell: CellFigures, number: int, moment: float) -> CellFigures:
        factor = moment * exp(self.random.gauss(0, self.luck[key]))
        factor *= _product(change for at, felt, change in self.code if key in felt and at <= number)
        if self.random.random() < OUTLIERS:
            factor *= OUTLIER
        values = dict(cell.values)
        for name in (*TIMED, "training", "load"):
            if name in values:
                values[name] *= factor
        if "throughput" in values:
            values["throughput"] /= factor
        corrected = {name: values[name] for name in cell.corrected}
        return replace(cell, values=values, corrected=corrected)


def _product(factors: Iterator[float]) -> float:
    found = 1.0
    for factor in factors:
        found *= factor
    return found


def _cells(whole: RunFigures, count: int) -> Iterator[tuple[str, CellFigures]]:
    """Cells that train and examine, made for the models and formats of the real ones; then those that were timed."""
    timed = {Cell.from_key(key): figures for key, figures in whole.cells.items()}
    variants = dict.fromkeys((cell.model, cell.techniques, cell.format) for cell in timed if not cell.runtime)
    for number, (model, techniques, form) in enumerate(islice(variants, EXAMINED)):
        correct = tuple((number * 7 + image) % 40 > 0 for image in range(IMAGES))
        values = {"size": 4e5 / (1 + number), "gzip_size": 3e5 / (1 + number), "load": 0.02, "sparsity": 0.01 * number}
        values["accuracy"] = sum(correct) / IMAGES
        yield Cell(EXAMINE, model, techniques, "cpu", None, form).key, CellFigures("measured", values, correct=correct)
    for batch in islice((32, 64, 128, 256), TRAINED):
        cell = Cell(TRAIN, next(iter(timed)).model, (), "cpu", batch, next(iter(timed)).format)
        yield cell.key, CellFigures("measured", {"training": 900.0 / batch, "memory": 3e8})
    copies = range(1 + count // len(timed))
    for copy in copies:
        for cell, figures in timed.items():
            yield replace(cell, model=f"{cell.model}{copy or ''}").key, figures


def fill(store: Store, history: History) -> None:
    """Add the runs; the newest of each machine with a whole file of their time and machine."""
    document = json.loads(read_bytes(DOCUMENT))
    for number in range(history.runs):
        run = history.run(number)
        text = str(number)
        if number >= history.runs - WHOLE * len(MACHINES):
            section = {**document["lab4"], "started_at": run.started_at}
            text = json.dumps({**document, "lab4": section})
        store.add(run, text.encode(), run.source)


def print_sizes(folder: Path) -> None:
    """Print how large the pages are, as files and with gzip."""
    first = folder / "index.html"
    charts, tables = folder / "assets" / "charts.js", folder / "assets" / "site.js"
    scripts = [charts, tables]
    pages = {kind: [*(folder / kind).glob("*.html")] for kind in ("cell", "machine", "model", "run", "report")}
    total = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    print(f"  {sum(map(len, pages.values())) + len([*folder.glob('*.html')]):,} pages, {total / 1e6:.1f} MB")
    for script in scripts:
        _print_size(f"script {script.name}", script)
    for page in sorted(folder.glob("*.html")):
        _print_size(page.name, page)
    for kind, paths in pages.items():
        if paths:
            _print_size(f"largest of {len(paths):,} pages {kind}/", max(paths, key=lambda path: path.stat().st_size))
    loaded = first.stat().st_size + sum(script.stat().st_size for script in scripts)
    print(f"  first page with all that it loads: {loaded / 1e6:.3f} MB (wanted: under {FIRST_PAGE / 1e6:g} MB)")
    print(f"  first page without the script of charts: {(loaded - charts.stat().st_size) / 1e3:.0f} kB")
    largest = max(path.stat().st_size for path in pages["cell"])
    print(f"  a cell's page: {largest / 1e3:.0f} kB (wanted: under {CELL_PAGE / 1e3:g} kB)")


def _print_size(name: str, path: Path) -> None:
    data = path.read_bytes()
    print(f"    {name:36} {len(data) / 1e3:8.1f} kB, with gzip {len(gzip.compress(data)) / 1e3:7.1f} kB")


def main() -> None:
    """Make the history, build its site, and print the time and the sizes."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--runs", type=int, default=1_000)
    parser.add_argument("--cells", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, help="folder for the history and the site (default: a temporary one)")
    options = parser.parse_args()
    with TemporaryDirectory() as temporary:
        place = options.keep or Path(temporary)
        place.mkdir(parents=True, exist_ok=True)
        history = place / "history.sqlite"
        if not history.exists():
            start = perf_counter()
            store = open_store(f"sqlite:///{history}")
            fill(store, History(options.cells, options.runs, options.seed))
            store.close()
            print(f"{options.runs:,} runs of {options.cells:,} cells added in {perf_counter() - start:.0f} s")
        start = perf_counter()
        command = [sys.executable, "-m", "lab4", "site", str(history), "-o", str(place / "site")]
        subprocess.run(command, check=True, env=child_environment())
        print(f"  site built in {perf_counter() - start:.1f} s (wanted: under {WANTED_S:g} s)")
        print_sizes(place / "site")


if __name__ == "__main__":
    main()
