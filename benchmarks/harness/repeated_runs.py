"""Measures unchanged code again and again: each run one of fresh processes, as a user's is.

``python benchmarks/harness/repeated_runs.py FOLDER --runs 30 --profile quick`` adds runs of the inference set to
FOLDER, compressed. `red_builds.py` and `gate_prior.py` read such folders, one for each machine, hour and profile.
`--busy N` lets N processes compute meanwhile, now and then: a noisy hour; with `--rest 0` all the time. `--keep FILE`
adds the figures to a history, a file that those scripts read as well. What is after ``--`` are further arguments for
pytest, such as ``-m training``.
"""

import argparse
import gzip
import os
import random
import subprocess
import sys
import time
from contextlib import contextmanager
from multiprocessing import Process
from pathlib import Path
from tempfile import TemporaryDirectory

from gate_draws import keep_figures

from lab4.environment import child_environment

#: A co-runner computes for so long at a time on average: seconds.
_BURST_S = 4.0
_PYTEST = (
    *(sys.executable, "-m", "pytest", "benchmarks", "-m", "inference", "-p", "no:cacheprovider", "-q"),
    "--lab4-devices=cpu",
)


def co_runner(seed, rest_s, niceness):
    """Hash and allocate in bursts of random lengths, until the process is ended."""
    os.nice(niceness)
    chance = random.Random(seed)  # noqa: S311  # draws, not secrets
    while True:
        stop = time.perf_counter() + chance.expovariate(1 / _BURST_S)
        while time.perf_counter() < stop:
            sum(hash(bytes(range(256)) * 64) & 1 for _ in range(1000))
        if rest_s:
            time.sleep(chance.expovariate(1 / rest_s))


@contextmanager
def co_runners(count, rest_s, niceness):
    """So many processes that compute now and then."""
    started = [Process(target=co_runner, args=(number, rest_s, niceness), daemon=True) for number in range(count)]
    for each in started:
        each.start()
    try:
        yield
    finally:
        for each in started:
            each.terminate()


def measure_once(profile, more):
    """The bytes of a run of the inference set."""
    with TemporaryDirectory() as folder:
        ended = subprocess.run(  # our own command
            [*_PYTEST, f"--lab4-profile={profile}", f"--lab4-output={folder}", *more],
            env=child_environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        if ended.returncode:
            raise SystemExit(ended.stdout[-2000:] + ended.stderr[-2000:])
        return Path(folder, "run.json").read_bytes()


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--runs", type=int, default=30)
    parser.add_argument("--profile", default="quick")
    parser.add_argument("--busy", type=int, default=0, metavar="N")
    parser.add_argument("--rest", type=float, default=_BURST_S, metavar="S", help="seconds that they rest on average")
    parser.add_argument("--niceness", type=int, default=0, help="of those processes: 19 is idle priority")
    parser.add_argument("--keep", type=Path, metavar="FILE", help="add the figures of all runs to a history")
    end = sys.argv.index("--") if "--" in sys.argv else len(sys.argv)
    options, more = parser.parse_args(sys.argv[1:end]), sys.argv[end + 1 :]
    options.folder.mkdir(parents=True, exist_ok=True)
    with co_runners(options.busy, options.rest, options.niceness):
        for _ in range(options.runs):
            start = time.perf_counter()
            data = measure_once(options.profile, more)
            number = len(list(options.folder.glob("*.json.gz"))) + 1
            (options.folder / f"{number:03d}.json.gz").write_bytes(gzip.compress(data, 6))
            print(f"run {number}: {time.perf_counter() - start:.0f} s", flush=True)
    if options.keep:
        keep_figures(options.folder, options.keep)


if __name__ == "__main__":
    main()
