"""Whether any reader can be brought to fail but in a sentence of its own: each is given damaged and hostile files.

A failure is an exception that is no `Lab4Error`, or a sentence that hides one. The input that made it, as small as
Hypothesis could make it, is kept, with the command that reads it again.
"""

import argparse
import gc
import hashlib
import json
import sys
import time
import traceback
import warnings
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from random import SystemRandom
from tempfile import TemporaryDirectory

from fuzz_inputs import APPROVALS, HOST, RUN, journal_lines, json_of, lines_of, npz, policy
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from mutations import mutated_bytes, written

from lab4.analysis.gate.judge import judge
from lab4.analysis.policy import Policy
from lab4.bench.collected import collected_in, uncontended_ratios
from lab4.domain.errors import Lab4Error
from lab4.domain.text import printable
from lab4.history.approvals import approvals_in
from lab4.history.journal import Journal
from lab4.history.json_text import parse_file
from lab4.history.run_file import read_run
from lab4.reading.runs import figures_in, policy_at
from lab4.report.gate.text import render

JUDGED = [
    replace(figures_in(json.dumps(RUN).encode(), "run.json"), started_at=f"2026-01-{day:02d}T12:00:00+00:00")
    for day in range(1, 5)
]
BATCH = 100
HIDES = ("internal error", "this is a bug in lab4", "Traceback")
MOST_MEMORY = 6 * 2**30
#: Of a traceback: recursion has thousands.
FRAMES = 6


def as_file(data, folder, name):
    path = folder / name
    path.write_bytes(data)
    return path


def resume(path):
    with closing(Journal.resume(path)) as journal:
        collected = collected_in(journal.rounds)
        for each in collected.values():
            each.latency(0.05, uncontended_ratios(collected.values()))
        for fault in journal.damaged:
            check_sentence(fault)


def judged(policy, approvals):
    """Judge by what was read, as bounds that no arithmetic can bear are found there."""
    gate = judge(JUDGED[:1], JUDGED[1:], policy, today=date(2026, 2, 1), approvals=approvals)
    for line in render(gate, everything=True).splitlines():
        assert line == printable(line), "a line that is not printable"


def load(path):
    from lab4.datasets.arrays import load_npz

    load_npz(path)


@dataclass(frozen=True)
class Target:
    """How inputs are made of luck, and how they are read, from a file of this name."""

    make: object
    read: object
    name: str = "input.json"


TARGETS = {
    "run": Target(json_of(RUN), read_run),
    "figures": Target(json_of(RUN), lambda path: figures_in(path.read_bytes(), str(path))),
    "journal": Target(lines_of(journal_lines()), resume, "journal.jsonl"),
    "policy": Target(policy, lambda path: judged(policy_at(path, path), []), "pyproject.toml"),
    "approvals": Target(
        lines_of(APPROVALS),
        lambda path: judged(Policy(), approvals_in(path.read_bytes(), str(path))),
        "approvals.jsonl",
    ),
    "host": Target(json_of(HOST), lambda path: figures_in(path.read_bytes(), str(path))),
    "npz": Target(npz, load, "images.npz"),
    "json": Target(
        lambda random: mutated_bytes(written(HOST), random), lambda path: parse_file(path.read_bytes(), "x")
    ),
}


def check_sentence(said):
    assert said == printable(said), "a sentence that is not printable"
    assert not any(each in said for each in HIDES), "a sentence that hides an error"


def attacked(target, data):
    """Read the data; raises whatever a reader must not."""
    with TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            target.read(as_file(data, Path(folder), target.name))
        except Lab4Error as error:
            check_sentence(str(error))


def fuzz(name, seconds, number):
    """Attack one reader for so long; returns how many inputs it read, and the input that it failed at."""
    target, count, last = TARGETS[name], 0, b""
    end = time.monotonic() + seconds

    @settings(
        max_examples=BATCH,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.generate, Phase.shrink),
    )
    @given(st.randoms(use_true_random=False))
    def attack(random):
        nonlocal count, last
        data = target.make(random)
        count += 1
        last = data
        attacked(target, data)

    while time.monotonic() < end:
        number += 1
        try:
            seed(number)(attack)()
        except Exception:  # noqa: BLE001  # of whatever kind
            return count, last  # Hypothesis tries the smallest input that fails once more, as the last
        gc.collect()
    return count, None


def keep(name, data):
    try:
        attacked(TARGETS[name], data)
    except Exception:  # noqa: BLE001  # of whatever kind
        traceback.print_exc(limit=-FRAMES)
    else:
        print("it is read now: what makes the inputs failed, or it depends on what was read before")
    path = Path("lab4-results", "fuzz-failures") / f"{name}-{hashlib.sha256(data).hexdigest()[:8]}"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    print(f"FAILED {name}; again: python {Path(__file__).name} --only {name} --input {path}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0, help="for all targets together (default: 60)")
    parser.add_argument("--only", choices=TARGETS, action="append", help="this target; may be given several times")
    parser.add_argument("--seed", type=int, default=None, help="of the first batch (default: another each time)")
    parser.add_argument("--input", type=Path, help="read this file once, by the one target that is named")
    arguments = parser.parse_args()
    with suppress(ImportError):  # where the system has limits: a bomb is a failure, not the end of the machine
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, resource.RLIM_INFINITY))
    names = arguments.only or list(TARGETS)
    if arguments.input:
        attacked(TARGETS[names[0]], arguments.input.read_bytes())
        return 0
    number = SystemRandom().randrange(10**9) if arguments.seed is None else arguments.seed
    print(f"seed {number}")
    failed = 0
    for name in names:
        count, data = fuzz(name, arguments.seconds / len(names), number)
        print(f"{name:10} {count:7,} inputs, {'failed' if data is not None else 'no failure'}", flush=True)
        if data is not None:
            failed += 1
            keep(name, data)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
