"""How building scales with nodes: the suite's own models on 1 and 2 nodes of one processor, and a schedule beyond.

    python benchmarks/harness/fleet_building.py

Builds every unit of the quick profile by tasks of Ray, as ``lab4 fleet run`` does. The schedule takes each unit's own
time with one node, and starts the next that has what it begins with on the first node that is free.
"""

import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from lab4.environment import child_environment
from lab4.fleet import node as on_node
from lab4.fleet.cluster import connected
from lab4.fleet.orders import RunOrder
from lab4.fleet.units import build_units

ROOT = Path(__file__).parents[2]
ARGUMENTS = ("benchmarks", "--lab4-profile", "quick", "--lab4-devices", "cpu")
NODES = (1, 2, 4, 8, 16)
_STARTS_CLUSTER = """
import sys
from ray.cluster_utils import Cluster
small = dict(include_dashboard=False, object_store_memory=150_000_000)
cluster = Cluster(initialize_head=True, head_node_args=dict(num_cpus=0, **small))
for number in range(int(sys.argv[2])):
    cluster.add_node(num_cpus=1, wait=False, env_vars={"LAB4_CACHE": f"{sys.argv[1]}/{number}/cache"}, **small)
cluster.wait_for_nodes()
print(cluster.address, flush=True)
sys.stdin.read()
"""


@contextmanager
def nodes_of(count, folder):
    """A cluster of so many nodes, each with a cache of its own; yields its address."""
    quiet = dict.fromkeys(("RAY_USAGE_STATS_ENABLED", "RAY_enable_metrics_collection"), "0")
    with subprocess.Popen(
        [sys.executable, "-c", _STARTS_CLUSTER, str(folder), str(count)],
        env=child_environment() | quiet,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        yield process.stdout.readline().strip()
        process.stdin.close()


def order(name, cells, folder):
    return RunOrder("scaling", name, ARGUMENTS, cells, folder)


def built(count, units):
    """The seconds until all units are built on so many nodes, and when each ended."""
    with (
        TemporaryDirectory() as name,
        nodes_of(count, name) as address,
        connected(address, ROOT / "benchmarks") as cluster,
    ):
        parts, running = {}, {}
        start = time.monotonic()
        for unit in units:
            before = [parts[unit.after]] if unit.after else []
            parts[unit.name] = cluster.build(order(f"build-{unit.name}", unit.cells, str(ROOT)), before)
            running[parts[unit.name][0]] = unit.name
        ends = {}
        while running:
            for ref in cluster.ended(list(running), 0.1):
                problem = cluster.value(ref).problem
                if problem:
                    raise SystemExit(problem)
                ends[running.pop(ref)] = time.monotonic() - start
        return max(ends.values()), ends


def scheduled(count, units, lengths):
    """The seconds that a schedule takes."""
    free, ends, waiting = [0.0] * count, {}, list(units)
    while waiting:
        unit = min(waiting, key=lambda each: ends.get(each.after, float("inf")) if each.after else 0.0)
        waiting.remove(unit)
        node = min(range(count), key=free.__getitem__)
        free[node] = max(free[node], ends.get(unit.after, 0.0)) + lengths[unit.name]
        ends[unit.name] = free[node]
    return max(free)


def main():
    """Print the times."""
    keys = on_node.cells(order("", None, str(ROOT)))
    if isinstance(keys, str):
        raise SystemExit(keys)
    units = build_units(keys)
    one_s, ends = built(1, units)
    moments = sorted(ends.items(), key=lambda each: each[1])
    lengths = {
        name: end - before for (name, end), before in zip(moments, [0.0, *(end for _, end in moments)], strict=False)
    }
    two_s, _ = built(2, units)
    print(
        f"{len(units)} units; each alone, in seconds:", ", ".join(f"{name} {own:.1f}" for name, own in lengths.items())
    )
    print(f"measured: 1 node {one_s:.0f} s, 2 nodes {two_s:.0f} s ({one_s / two_s:.2f}x)")
    for count in NODES:
        took_s = scheduled(count, units, lengths)
        print(f"scheduled: {count:2} nodes {took_s:4.0f} s ({one_s / took_s:.2f}x)")


if __name__ == "__main__":
    main()
