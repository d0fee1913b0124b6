"""The whole worksheet on the quick profile: cold, then warm, each next to the flat script of the same work.

Run ``python benchmarks/harness/whole_run.py``. Whole processes are timed, in the order flat, cold, warm, and again;
quoted are the medians of the ratios of each round. Peak memory is that of all processes of a run together, sampled.
"""

import argparse
import subprocess
import sys
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from threading import Event, Thread
from time import perf_counter

import psutil

from lab4.environment import child_environment

HERE = Path(__file__).resolve().parent


def rss_of_all(process):
    """Bytes resident in the process and everything below it; those that end meanwhile count as nothing."""
    total = 0
    try:
        for each in (process, *process.children(recursive=True)):
            total += each.memory_info().rss
    except psutil.NoSuchProcess:
        pass
    return total


def timed(command):
    """Run the command; returns its seconds and the peak bytes of its processes."""
    peak, done = [0], Event()
    start = perf_counter()
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    with psutil.Popen(command, env=child_environment(), cwd=HERE.parents[1], **pipes) as run:

        def watch():
            while not done.wait(0.1):
                peak[0] = max(peak[0], rss_of_all(run))

        watcher = Thread(target=watch)
        watcher.start()
        output = run.communicate()[0]
        seconds = perf_counter() - start
        done.set()
        watcher.join()
    if run.returncode:
        sys.exit(f"{' '.join(map(str, command))} failed:\n{output}")
    return seconds, peak[0]


def suite(folder):
    """The main job in its quick profile, its cache and outputs in ``folder``."""
    options = ["--lab4-profile", "quick", "--lab4-cache", folder / "cache", "--lab4-output", folder / "output"]
    return [sys.executable, "-m", "pytest", "benchmarks", "-q", *options]


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    cold_to_flat, warm_to_cold = [], []
    for number in range(options.rounds):
        with TemporaryDirectory() as folder:
            flat, _ = timed([sys.executable, HERE / "flat.py"])
            cold, peak = timed(suite(Path(folder)))
            warm, warm_peak = timed(suite(Path(folder)))
        cold_to_flat.append(cold / flat)
        warm_to_cold.append(warm / cold)
        print(
            f"round {number + 1}: flat {flat:.1f} s, cold {cold:.1f} s, warm {warm:.1f} s; "
            f"cold/flat {cold / flat:.2f}, warm/cold {warm / cold:.2f}; peak {max(peak, warm_peak) / 2**30:.2f} GiB",
            flush=True,
        )
    print(f"median of {options.rounds}: cold/flat {median(cold_to_flat):.2f} (wanted under 1.15)")
    print(f"median of {options.rounds}: warm/cold {median(warm_to_cold):.2f} (wanted under 0.4)")


if __name__ == "__main__":
    main()
