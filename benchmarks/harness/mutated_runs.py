"""Whether a damaged or hostile run file can break a command, forge its output, or speak to a CI system through it.

Thousands of mutations of a real run go through ``worksheet``, ``gate``, ``compare`` and ``history``, as candidates and
as baselines. What the commands print and write must have no raw control character, no workflow command but the gate's
own annotations, and no internal error. A mutation has a number, so that each can be made again.
"""

import argparse
import io
import json
import os
import re
import shutil
import sys
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from copy import deepcopy
from math import exp
from multiprocessing import Pool
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from time import perf_counter

from mutations import mutated, written

from lab4.cli import main as lab4
from lab4.history.packing import pack_times, unpack_times
from lab4.report.spreadsheet import guarded, unguarded

ROOT = Path(__file__).parents[2]
#: A GPU's run that is kept with the documentation, and the full suite's, where there is one.
REAL = (ROOT / "docs" / "runs" / "nvidia-h100.json", ROOT / "lab4-results" / "run.json")
ROWS, NOISE = 12, 0.01
CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
COMMAND = re.compile(r"^\s*::[A-Za-z]|##(?:vso|teamcity)?\[", re.MULTILINE | re.IGNORECASE)
ANNOTATION = re.compile(r"^::error title=[^:,\n]*::[^\n]*$", re.MULTILINE)
BROKEN = re.compile(r"Traceback|internal error|this is a bug in lab4|passed over: .*(?:Error|Exception)\(")
TEXTS = {".md", ".html", ".csv", ".xml"}


def base(random):
    """A real run with some of its rows, so that most changes meet something."""
    document = json.loads(random.choice([path for path in REAL if path.exists()]).read_bytes())
    rows = document["benchmarks"]
    document["benchmarks"] = random.sample(rows, min(ROWS, len(rows)))
    section = document["lab4"]
    ended = [row["extra_info"]["lab4"] for row in document["benchmarks"]] + section["unmeasured"]
    section["planned"] = [f"{each['cell']['part']}/{each['cell']['id']}" for each in ended]
    return started(document, 0)


def started(document, day):
    """The run as one of another day."""
    return document | {"lab4": document["lab4"] | {"started_at": f"2026-01-{1 + day:02d}T12:00:00+00:00"}}


def noisy(document, random):
    """The run as chance would have made it again: each latency slower or faster as a whole."""
    document = deepcopy(document)
    for row in document["benchmarks"]:
        latency = row["extra_info"]["lab4"]["outcome"].get("latency")
        if latency is not None:
            packed, factor = latency["calls"]["samples"], exp(random.gauss(0, NOISE))
            packed["data"] = pack_times([each * factor for each in unpack_times(packed["data"], packed["count"])])
    return document


def runs_of(seed, number, folder):
    """Files of a mutation and of three runs of unchanged code next to it."""
    random = Random(f"{seed}-{number}")  # noqa: S311  # luck, no secret
    whole = base(random)
    paths = []
    for index in range(1, 4):
        paths.append(folder / f"base{index}.json")
        paths[-1].write_bytes(written(noisy(started(whole, index), random)))
    (folder / "run.json").write_bytes(written(mutated(whole, random)))
    return folder / "run.json", paths


def commands(run, others):
    yield "worksheet", run, "-o", "out"
    yield "report", run, "-o", "out"
    yield "worksheet", run, others[0], "-o", "out"
    reports = ("--junit", "out/gate.xml", "--markdown", "out/gate.md", "--json", "out/gate.json")
    yield "gate", run, "--baseline", *others, "--all", *reports
    yield "gate", others[0], "--baseline", run, *others[1:], "--all", "--cross-machine"
    yield "gate", run, "--first-run-ok"
    yield "compare", f"base={others[0]}", run
    yield "compare", run, others[0], "--markdown", "--figure", "throughput"
    yield "history", "add", run, *others, "--history", "history"
    yield "history", "list", "--history", "history"
    yield "history", "show", "1", "--history", "history"
    yield "history", "trend", "--history", "history"
    yield "history", "trend", "--figure", "size", "--history", "history"


def faults(command, out, err, code):
    """What is wrong with what a command said and wrote."""
    for name, text in (("stdout", out), ("stderr", err), *written_files()):
        shown = ANNOTATION.sub("", text) if name == "stdout" and command[0] == "gate" else text
        for kind, pattern in (
            ("control character", CONTROL),
            ("workflow command", COMMAND),
            ("internal error", BROKEN),
        ):
            if (match := pattern.search(shown)) is not None:
                around = shown[max(0, match.start() - 80) : match.end() + 120]
                yield f"{kind} in {name}: {around!r}"
    if code not in {0, 1, 2, 3}:
        yield f"exit code {code}"


def written_files():
    for path in sorted(Path("out").glob("*")):
        data = path.read_bytes()
        if path.suffix == ".json":
            json.loads(data)
        elif path.suffix in TEXTS:
            text = data.decode().replace("\r\n", "\n")
            yield path.name, text.partition("<style>")[0] + text.partition("</style>")[2] if "<style>" in text else text


def formulas():
    import csv

    path = Path("out", "worksheet.csv")
    if path.exists():
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                for column, text in row.items():
                    number = column in {"value", "low", "high"} and row["outcome"] == "measured"
                    if not number and guarded(unguarded(text)) != text:
                        yield f"formula in worksheet.csv: {text!r}"


@contextmanager
def working_in(folder):
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


def attempt(job):
    """Run all commands on one mutation; returns its number and what went wrong."""
    seed, number = job
    found = []
    with TemporaryDirectory() as place, working_in(place):
        folder = Path(place)
        (folder / "out").mkdir()
        run, others = runs_of(seed, number, folder)
        os.environ["GITHUB_ACTIONS"] = "true" if number % 2 else "false"
        for command in commands(run.name, [path.name for path in others]):
            shutil.rmtree("out")
            Path("out").mkdir()
            out, err = io.StringIO(), io.StringIO()
            with redirect_stdout(out), redirect_stderr(err):
                code = lab4([str(each) for each in command])
            seen = [*faults(command, out.getvalue(), err.getvalue(), code), *formulas()]
            found += [f"lab4 {' '.join(command)}: {fault}" for fault in seen]
    return number, found


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mutations", type=int, default=3_000, metavar="N", help="how many (default: 3000)")
    parser.add_argument("--seed", type=int, default=1, help="of all of them (default: 1)")
    parser.add_argument("--only", type=int, metavar="NUMBER", help="this one, with where it went wrong")
    parser.add_argument("--keep", type=Path, metavar="FILE", help="with --only: write the mutated run here")
    arguments = parser.parse_args()
    if arguments.only is not None:
        if arguments.keep:
            with TemporaryDirectory() as place:
                arguments.keep.write_bytes(runs_of(arguments.seed, arguments.only, Path(place))[0].read_bytes())
        os.environ["LAB4_DEBUG"] = "1"
        _, found = attempt((arguments.seed, arguments.only))
        print(*found, sep="\n")
        return 1 if found else 0
    began, failed = perf_counter(), 0
    jobs = [(arguments.seed, number) for number in range(arguments.mutations)]
    with Pool(os.cpu_count()) as pool:
        for number, found in pool.imap_unordered(attempt, jobs, chunksize=8):
            failed += bool(found)
            for fault in found:
                print(f"mutation {number}: {fault}", flush=True)
    print(f"{arguments.mutations:,} mutations, {failed} failed, {perf_counter() - began:.0f} s")
    print("again: python benchmarks/harness/mutated_runs.py --only NUMBER" if failed else "no failure")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
