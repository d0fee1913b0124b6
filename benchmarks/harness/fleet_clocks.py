"""Whether two measuring tasks of fleets ever overlap on a node: two drivers, 100 runs, and builds at the same time.

    python benchmarks/harness/fleet_clocks.py

Each driver starts its runs on all nodes of one cluster at once, as `lab4 fleet run` does, but what is run only notes
its start and end by the machine's clock. Ends with 1 where two overlap.
"""

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

from lab4.environment import child_environment
from lab4.fleet.cluster import connected, measuring_options

NODES, DRIVERS, RUNS = 4, 2, 50
_STARTS_CLUSTER = f"""
import sys
from ray.cluster_utils import Cluster
small = dict(include_dashboard=False, object_store_memory=80_000_000)
cluster = Cluster(initialize_head=True, head_node_args=dict(num_cpus=0, **small))
for _ in range({NODES}):
    cluster.add_node(num_cpus=2, wait=False, **small)
cluster.wait_for_nodes()
print(cluster.address, flush=True)
sys.stdin.read()
"""


def noted(node):
    """A run that lasts a moment: where, from when, and until when."""
    start = time.monotonic()
    while time.monotonic() < start + 0.05:
        pass
    return node, "run", start, time.monotonic()


def built():
    """A build: it may be anywhere, but next to no run."""
    import ray

    node = ray.get_runtime_context().get_node_id()
    return (node, "build", *noted(node)[2:])


def drive(address):
    """One driver: prints a line for each run and build."""
    from pathlib import Path

    import ray

    with connected(address, Path(__file__).parent) as cluster:
        nodes = [node for node in cluster.nodes() if node.cpus >= 1]
        refs = []
        for number in range(RUNS):
            node = nodes[number % len(nodes)]
            refs.append(ray.remote(noted).options(**measuring_options(node)).remote(node.ray_id))
            refs.append(ray.remote(built).options(num_cpus=1).remote())
        found = ray.get(refs)
    for node, what, start, end in found:
        print(node, what, start, end)


def overlaps(found):
    """Pairs that overlap on one node: two runs, or a run and a build."""
    for node in {each[0] for each in found}:
        own = sorted(((start, end, what) for where, what, start, end in found if where == node))
        runs = [each for each in own if each[2] == "run"]
        yield from ((a, b) for a, b in pairwise(runs) if b[0] < a[1])
        builds = [each for each in own if each[2] == "build"]
        yield from ((run, build) for run in runs for build in builds if build[0] < run[1] and run[0] < build[1])


def main():
    """Start a cluster and the drivers; print what came of it."""
    with subprocess.Popen(
        [sys.executable, "-c", _STARTS_CLUSTER],
        env=child_environment() | dict.fromkeys(("RAY_USAGE_STATS_ENABLED", "RAY_enable_metrics_collection"), "0"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as cluster:
        address = cluster.stdout.readline().strip()
        command = [sys.executable, __file__, address]

        def driver(_):
            done = subprocess.run(command, env=child_environment(), capture_output=True, text=True, check=True)
            return done.stdout

        with ThreadPoolExecutor(DRIVERS) as pool:
            printed = "".join(pool.map(driver, range(DRIVERS)))
        cluster.stdin.close()
    lines = [line.split() for line in printed.splitlines()]
    found = [(node, what, float(start), float(end)) for node, what, start, end in lines]
    together = list(overlaps(found))
    runs = sum(each[1] == "run" for each in found)
    print(f"{runs} runs and {len(found) - runs} builds of {DRIVERS} drivers on {NODES} nodes: {len(together)} overlap")
    return 1 if together or runs != DRIVERS * RUNS else 0


if __name__ == "__main__":
    sys.exit(drive(sys.argv[1]) if len(sys.argv) > 1 else main())
