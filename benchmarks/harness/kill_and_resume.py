"""Kill runs of the suite at random moments and resume each: at most one round may be lost, and no finished cell.

Usage: python benchmarks/harness/kill_and_resume.py [--kills 20] [--seed 1]. Ends with 1 if anything else is lost.
"""

import argparse
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from random import Random
from time import perf_counter, sleep

from lab4.domain.outcome import Measured
from lab4.environment import child_environment
from lab4.history.journal import Journal
from lab4.history.run_file import read_run

OPTIONS = {
    "--lab4-profile": "worksheet",
    "--lab4-models": "fcnn",
    "--lab4-formats": "tflite_float32,tflite_int8,onnx",
    "--lab4-batch-sizes": "1",
    "--lab4-devices": "cpu",
    "--lab4-resources": "memory",
    "--lab4-techniques": "finetuned",
}


def started(output, *more):
    """A run of the suite, whose output is read."""
    flags = [text for pair in {**OPTIONS, "--lab4-output": str(output)}.items() for text in pair]
    command = [sys.executable, "-u", "-m", "pytest", "benchmarks", "-p", "no:cacheprovider", *flags, *more]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=child_environment()
    )


def kept_in(output):
    """What the journal of a killed run holds: keys of cells, and the rounds; none before its first line."""
    if not (output / "journal.jsonl").exists():
        return set(), []
    journal = Journal.resume(output / "journal.jsonl")
    journal.close()
    return set(journal.entries), journal.rounds


def killed(output, after_s):
    """Kill a run after so many seconds; what it had announced: its last round, and how many cells."""
    process = started(output)
    sleep(after_s)
    process.send_signal(signal.SIGKILL)
    printed = process.communicate()[0]
    rounds = [int(line.split("round ")[1].split()[0]) for line in printed.splitlines() if "inference: round " in line]
    cells = sum("/" in line.split(" ")[0] and line.split("/")[0].strip().isdigit() for line in printed.splitlines())
    return max(rounds, default=0), cells


def faults_of(output, announced, cells):
    """What was lost beyond one round, in words."""
    if not (output / "journal.jsonl").exists() and (output / "run.json").exists():
        return [] if read_run(output / "run.json").complete else ["a run without a journal is not complete"]
    keys, rounds = kept_in(output)
    faults = []
    if len(rounds) < announced - 1:
        faults.append(f"round {announced} had begun and {len(rounds)} are kept")
    if len(keys) < cells:
        faults.append(f"{cells} cells had ended and {len(keys)} are kept")
    if not (output / "journal.jsonl").exists():
        return faults
    process = started(output, "--lab4-resume")
    printed = process.communicate()[0]
    if process.returncode:
        return [*faults, f"the resumed run ended with {process.returncode}: {printed[-500:]}"]
    run = read_run(output / "run.json")
    return [*faults, *_changed(run, rounds)]


def _changed(run, rounds):
    """Cells whose figures are not whole, or whose samples do not begin with those that were kept."""
    for measurement in run.measurements:
        key, outcome = measurement.cell.key, measurement.outcome
        if not isinstance(outcome, Measured):
            yield f"{key}: {outcome}"
            continue
        first = [window.samples_s for each in rounds for name, window in each.windows.items() if name == key]
        if first and outcome.latency.calls.round_sizes[: len(first)] != tuple(map(len, first)):
            yield f"{key} was measured anew"
        if outcome.latency is not None and outcome.latency.ended == "interrupted":
            yield f"{key} is not whole"


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    chance = Random(arguments.seed)  # noqa: S311  # moments, not secrets
    folder = Path(tempfile.mkdtemp(prefix="kill-and-resume-"))
    start = perf_counter()
    code = started(folder / "whole").wait()
    whole_s = perf_counter() - start
    print(f"a whole run takes {whole_s:.1f} s and ends with {code}")
    wrong = 0
    for number in range(1, arguments.kills + 1):
        output = folder / str(number)
        after_s = chance.uniform(0.1 * whole_s, whole_s)
        announced, cells = killed(output, after_s)
        faults = faults_of(output, announced, cells)
        wrong += bool(faults)
        print(
            f"kill {number:2} after {after_s:4.1f} s, in round {announced}, {cells} cells: {faults or 'nothing lost'}"
        )
    shutil.rmtree(folder)
    return int(wrong > 0 or code != 0)


if __name__ == "__main__":
    sys.exit(main())
