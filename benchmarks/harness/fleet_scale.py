"""On paper for 1,000 nodes: which part of a fleet is the bottleneck, at what number of nodes.

    python benchmarks/harness/fleet_scale.py

Measures on this machine what the driver does for each cell that comes, then lets a model of N nodes run with these
times: all of one kind, so that they send their cells at the same moments, which is the worst case.
"""

import json
import subprocess
import sys
import time
from collections import deque
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).parents[2] / "tests"))

import lab4_postgres
from lab4_strategies import header_of_run, row_of
from worksheet_factory import realistic

from lab4.cache import Cache
from lab4.domain.identity import utc
from lab4.domain.outcome import Measured
from lab4.environment import child_environment
from lab4.fleet.cluster import connected
from lab4.fleet.orders import Lines
from lab4.fleet.recording import RunRecord
from lab4.fleet.state import FleetState, MachineState
from lab4.history.journal import cell_line, header_line
from lab4.history.store import open_store

ROOT = Path(__file__).parents[2]
#: A run that was measured: how long it took.
RECORD = ROOT / "docs" / "runs" / "nvidia-h100.json"
NODES = (10, 30, 100, 300, 1000)
RUNS, MESSAGES, BATCH = 6, 500, 10
#: Cells that end together come a quarter of a second apart, and a node looks for them once a second.
TOGETHER = 4
#: What one node and the driver's machine can send: bytes per second of 1 Gbit/s.
LINK = 125e6


def lines_of(number):
    """The journal's lines of a run with the worksheet's cells, each with the samples of some hundred calls."""
    run = realistic(calls=700)
    run = replace(run, started_at=f"2026-03-01T10:00:{number % 60:02d}.{number:06d}+00:00")
    cells = [
        cell_line(each, row_of(each) if isinstance(each.outcome, Measured) else None)[0] for each in run.measurements
    ]
    return [header_line(header_of_run(run)), *cells]


def seconds_per_cell(address, folder, batch):
    """What the driver takes for a cell: its line is read and kept, and its figures are added to the history.

    ``batch`` lines of a run come at once, as they do when the driver is behind.
    """
    with closing(open_store(address)) as store:
        runs = [lines_of(batch * 100 + number) for number in range(RUNS)]
        records = [RunRecord(folder / str(number), store, None) for number in range(RUNS)]
        for record, lines in zip(records, runs, strict=True):
            record.take(lines[:1])
        start = time.perf_counter()
        for first in range(1, len(runs[0]), batch):
            for record, lines in zip(records, runs, strict=True):
                record.take(lines[first : first + batch])
        passed = time.perf_counter() - start
        for record in records:
            record.close()
    return passed / RUNS / (len(runs[0]) - 1)


def seconds_per_write(address):
    """What the history alone takes for a cell."""
    from lab4.analysis.figures import figures_of

    run = figures_of(realistic(calls=700))
    runs = [replace(run, started_at=f"2026-04-01T10:00:00.{number:06d}+00:00") for number in range(RUNS)]
    with closing(open_store(address)) as store:
        start = time.perf_counter()
        for key, cell in run.cells.items():
            for each in runs:
                store.add_part(replace(each, cells={key: cell}), "x")
    return (time.perf_counter() - start) / RUNS / len(run.cells)


def seconds_per_message(folder):
    """What Ray's queue takes for a message, from a task on a node to the driver."""
    import ray

    some = Lines("run", tuple(lines_of(0)[1 : TOGETHER + 1]))

    def send(queue):
        for _ in range(MESSAGES):
            queue.put(some)

    with connected(None, folder) as cluster:
        ray.get(ray.remote(lambda: None).remote())  # a process for tasks is there
        start = time.perf_counter()
        task = ray.remote(send).remote(cluster.queue)
        found = 0
        while found < MESSAGES:
            cluster.ended([task], 0.05)
            found += len(cluster.messages())
        return (time.perf_counter() - start) / MESSAGES


def seconds_per_state(nodes, folder):
    """What the driver's state of so many nodes takes to be written, which is done once a second."""
    cells = tuple(each.cell.key for each in realistic(calls=20).measurements)
    state = FleetState.new(("benchmarks",), "sqlite:///x")
    state.cells = cells
    state.machines = [MachineState(f"{number:032x}", f"node-{number}", "kind", cells) for number in range(nodes)]
    start = time.perf_counter()
    state.write(folder)
    return time.perf_counter() - start


def artifact_bytes(folder):
    """What a node fetches for the suite's own models: all that a run builds, packed, and how many entries these are."""
    cache, output = folder / "cache", folder / "built"
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        str(ROOT / "benchmarks"),
        "--lab4-profile",
        "quick",
        "--lab4-build-only",
    ]
    options = ["--lab4-devices", "cpu", "--lab4-cache", str(cache), "--lab4-output", str(output)]
    subprocess.run([*command, *options], cwd=ROOT, env=child_environment(), capture_output=True, check=True)
    keys = json.loads((output / "built.json").read_text(encoding="utf-8"))["entries"]
    return sum(len(Cache(cache).packed(key)) for key in keys), len(keys)


def run_seconds():
    """How long a whole run takes, from a record."""
    document = json.loads(RECORD.read_text(encoding="utf-8"))
    return (utc(document["datetime"]) - utc(document["lab4"]["started_at"])).total_seconds()


def simulated(nodes, cells, length_s, server, fetching_s):
    """How long after the last node's end the last cell is in the history, and how many cells wait at most.

    Half of the cells end one by one over the run; those that are timed in rounds end together at its end, a quarter of
    a second apart. ``server`` are the seconds for a cell that comes alone, and for one of many that wait.
    """
    random, arrivals = Random(1), []  # noqa: S311  # nothing is secret
    for _ in range(nodes):
        start = fetching_s + random.gauss(0, length_s * 0.01)
        alone = cells // 2
        arrivals += [start + length_s * number / alone / 2 for number in range(alone)]
        arrivals += [start + length_s + 0.25 * number for number in range(cells - alone)]
    arrivals.sort()
    free, most, served = 0.0, 0, deque()
    for come in arrivals:
        while served and served[0] <= come:
            served.popleft()
        free = max(free, come) + server[len(served) > nodes]
        served.append(free)
        most = max(most, len(served))
    return free - arrivals[-1], most


def main():
    """Print what was measured, and the table."""
    with TemporaryDirectory() as name:
        size, count = artifact_bytes(Path(name))
    length_s = run_seconds()
    print(f"a node fetches {count} models and artifacts, {size / 1e6:.1f} MB; a run takes {length_s / 60:.1f} min")
    lines = lines_of(0)
    cells = len(lines) - 1
    print(f"a run has {cells} cells, whose lines have {sum(map(len, lines[1:])) / cells / 1e3:.1f} kB on average")
    with TemporaryDirectory() as name, lab4_postgres.server() as server:
        folder = Path(name)
        takes = {}
        for kind, address in (("SQLite", f"sqlite:///{folder / 'history.sqlite'}"), ("PostgreSQL", server)):
            write_s = seconds_per_write(address)
            takes[kind] = [seconds_per_cell(address, folder / f"{kind} {batch}", batch) for batch in (1, BATCH)]
            alone, many = (f"{each * 1e3:.2f} ms" for each in takes[kind])
            print(f"{kind}: {1 / write_s:.0f} writes/s; the driver takes {alone} a cell, of {BATCH} at once {many}")
        states = {nodes: seconds_per_state(nodes, folder) for nodes in NODES}
        message_s = seconds_per_message(folder)
    print(f"the queue of Ray takes {message_s * 1e3:.2f} ms a message, of {TOGETHER} cells")
    print()
    print("       artifacts, s          state  SQLite            PostgreSQL")
    print("nodes  one by one  as a tree   %/s  behind, s  waiting  behind, s  waiting")
    for nodes in NODES:
        by_one, tree = nodes * size / LINK, nodes.bit_length() * size / LINK
        row = f"{nodes:5}  {by_one:10.1f}  {tree:9.1f}  {states[nodes]:4.0%}"
        for each in takes.values():
            # The queue is a process of its own.
            alone_s, together_s = (own / (1 - min(states[nodes], 0.9)) for own in each)
            serving = max(alone_s, message_s), max(together_s, message_s / TOGETHER)
            behind_s, most = simulated(nodes, cells, length_s, serving, tree)
            row += f"  {behind_s:9.1f}  {most:7}"
        print(row)


if __name__ == "__main__":
    main()
