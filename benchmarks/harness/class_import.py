"""How long ``lab4 class import`` takes for sixty students, five of whom hand in hostile files, and what it finds.

The students' runs are made from one real run: each has a machine of its own speed and samples of its own. Some of them
lack cells, had a busy machine, used another data set, or handed in what another one measured. Making them is not part
of the time.
"""

import argparse
import json
import os
import shutil
import sys
from collections.abc import Callable
from copy import deepcopy
from math import exp
from pathlib import Path
from random import Random
from subprocess import run
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

from lab4.history.earlier import upgraded
from lab4.history.packing import pack_bits, pack_times, unpack_times

ROOT = Path(__file__).parents[2]
#: A run that is kept with the documentation.
REAL = ROOT / "docs" / "runs" / "nvidia-h100.json"
STUDENTS = 60
FIRST = ("Ada", "Alan", "Barbara", "Claude", "Donald", "Edsger", "Frances", "Grace", "Hedy", "Ivan")
LAST = ("Abbott", "Bellini", "Curie", "Dijkman", "Erlang", "Fibonacci")
PROCESSORS = ("Intel(R) Core(TM) i5-1240P", "AMD Ryzen 7 5800U", "Apple M2", "Intel(R) Core(TM) i7-8550U")

Document = dict[str, Any]


def current(document: Document) -> Document:
    """The run in the present schema."""
    document = deepcopy(document) | {"lab4": upgraded(document["lab4"])}
    for row in document["benchmarks"]:
        row["extra_info"]["lab4"] = upgraded(row["extra_info"]["lab4"])
    return document


def names(count: int = STUDENTS) -> list[str]:
    """So many different names."""
    return [f"{FIRST[number % len(FIRST)]} {LAST[number // len(FIRST) % len(LAST)]}" for number in range(count)]


def student_run(real: Document, name: str, number: int, random: Random) -> Document:
    """The run as another machine would have made it: each machine has a speed, and each call scatters."""
    document, speed = deepcopy(real), exp(random.gauss(0, 0.1))
    user = name.split(maxsplit=1)[0].lower()
    machine = document["machine_info"]["lab4"]
    machine |= {
        "node": f"{user}s-laptop.local",
        "cpu": PROCESSORS[number % len(PROCESSORS)],
        "logical_cores": 8 + 4 * (number % 3),
        "memory_bytes": (8 + 8 * (number % 2)) * 2**30,
    }
    document["machine_info"]["node"] = machine["node"]
    document["lab4"]["started_at"] = f"2026-03-{1 + number % 28:02d}T{number % 24:02d}:00:00+00:00"
    for outcome in outcomes(document):
        timed(outcome, speed, random)
    return document


def outcomes(document: Document) -> list[Document]:
    """What was measured of each cell."""
    return [row["extra_info"]["lab4"]["outcome"] for row in document["benchmarks"]]


def timed(outcome: Document, speed: float, random: Random) -> None:
    """Scatter every time of an outcome, and multiply it by the machine's speed."""

    def scattered(times_s: list[float]) -> list[float]:
        return [max(1e-9, each * speed * exp(random.gauss(0, 0.01))) for each in times_s]

    latency = outcome.get("latency")
    if latency:
        latency["probe_s"] = scattered(latency["probe_s"])
        for series in filter(None, (latency["calls"], latency["compute_only"])):
            samples = series["samples"]
            times_s = unpack_times(samples["data"], samples["count"])
            samples["data"] = pack_times(scattered(list(times_s)))
    if training := outcome.get("training"):
        training["epoch_s"] = scattered(training["epoch_s"])


def slow(document: Document, factor: float = 6.0) -> None:
    """Each call takes longer, though the machine is as fast as ever: a debug build."""
    for outcome in outcomes(document):
        if latency := outcome.get("latency"):
            probe_s = latency["probe_s"]
            timed(outcome, factor, Random(1))  # noqa: S311  # samples are simulated, nothing is secret
            latency["probe_s"] = probe_s


def debug_build(document: Document) -> None:
    """A slow run that says why."""
    slow(document)
    document["machine_info"]["lab4"]["conditions"] = {"debug": "debug builds: onnxruntime 1.23.2+debug"}


def powersave(document: Document) -> None:
    """A slow run on a machine that saves power."""
    slow(document, 4.0)
    document["machine_info"]["lab4"]["conditions"] = {"governor": "cores use the governor powersave"}


def busy(document: Document) -> None:
    """A slow run of which most calls shared their core."""
    slow(document, 4.0)
    for outcome in outcomes(document):
        if (latency := outcome.get("latency")) and "uncontended" in latency:
            count = latency["calls"]["samples"]["count"]
            latency["uncontended"] |= {"count": count, "data": pack_bits([number % 3 == 0 for number in range(count)])}


def other_data(document: Document) -> None:
    """Another data set, of which training takes longer."""
    document["lab4"]["dataset"] |= {"name": "cifar_tiny", "sha256": "cd" * 32}
    for outcome in outcomes(document):
        if training := outcome.get("training"):
            training["epoch_s"] = [4 * each for each in training["epoch_s"]]


def full_disk(document: Document) -> None:
    """The first cell failed, for a reason that names the user."""
    user = document["machine_info"]["node"].partition("s-laptop")[0]
    record = document["benchmarks"].pop(0)["extra_info"]["lab4"]
    outcome = {"kind": "failed", "reason": f"cannot write /home/{user}/lab4-results/model.onnx: the disk is full"}
    document["lab4"]["unmeasured"] += [record | {"outcome": outcome}]


def incomplete(document: Document) -> None:
    """The run was interrupted after a third of its cells."""
    document["benchmarks"] = document["benchmarks"][: len(document["benchmarks"]) // 3]
    document["lab4"]["complete"] = False


def under_another_name(document: Document) -> None:
    """What a copyist changes: the start and the machine."""
    document["lab4"]["started_at"] = "2026-04-01T09:00:00+00:00"
    document["machine_info"]["lab4"] |= {"node": "my-own-pc", "cpu": "Another CPU"}


#: By the student's number.
CHANGES: dict[int, Callable[[Document], None]] = {
    5: debug_build,
    6: powersave,
    7: busy,
    8: other_data,
    9: incomplete,
    10: incomplete,
    11: full_disk,
}
#: Who copies from whom: the file itself, and its samples under another name.
SAME_FILE, SAME_SAMPLES = (13, 12), (15, 14)


def make_class(folder: Path, real: Document, count: int = STUDENTS, seed: int = 1) -> list[str]:
    """Write the folder of a class; returns the students' names, the last five of whom hand in hostile files."""
    random, students = Random(seed), names(count)  # noqa: S311  # the same
    for number, name in enumerate(students[: -len(HOSTILE)]):
        own = student_run(real, name, number, random)
        CHANGES.get(number, lambda _: None)(own)
        (folder / name).mkdir(parents=True)
        (folder / name / "run.json").write_text(json.dumps(own), encoding="utf-8")
    for copyist, source in (SAME_FILE, SAME_SAMPLES):
        shutil.copyfile(folder / students[source] / "run.json", folder / students[copyist] / "run.json")
    copied = folder / students[SAME_SAMPLES[0]] / "run.json"
    document = json.loads(copied.read_bytes())
    under_another_name(document)
    copied.write_text(json.dumps(document), encoding="utf-8")
    for name, write in zip(students[-len(HOSTILE) :], HOSTILE, strict=True):
        (folder / name).mkdir()
        write(folder / name / "run.json", deepcopy(real))
    return students


def cut_off(path: Path, document: Document) -> None:
    """Half a file."""
    text = json.dumps(document)
    path.write_text(text[: len(text) // 2], encoding="utf-8")


def link(path: Path, _: Document) -> None:
    """A link to a file of the instructor's."""
    path.symlink_to("/etc/passwd")


def nested(path: Path, _: Document) -> None:
    """Brackets, a hundred thousand deep."""
    path.write_text("[" * 100_000 + "]" * 100_000, encoding="utf-8")


def bomb(path: Path, document: Document) -> None:
    """A few bytes that say they are ten million samples."""
    for outcome in outcomes(document):
        if latency := outcome.get("latency"):
            latency["calls"]["samples"]["count"] = 10_000_000
    path.write_text(json.dumps(document), encoding="utf-8")


def forged(path: Path, document: Document) -> None:
    """Text that would forge lines of a terminal and of a page, in a record that no lab4 wrote."""
    document["lab4"]["settings"]["profile"] = "<script>alert(1)</script>\n::error::forged\x1b[2J"
    document["lab4"]["settings"]["epochs"] = "<img src=x onerror=alert(1)>\x1b[2J"
    path.write_text(json.dumps(document), encoding="utf-8")


#: What the last students hand in.
HOSTILE = (cut_off, link, nested, bomb, forged)


def main() -> int:
    from resource import RUSAGE_CHILDREN, getrusage  # Windows has none, and its tests use what is above

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--run", type=Path, default=REAL, help="the real run (default: one of the documentation)")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="where to keep the class and its pages")
    arguments = parser.parse_args()
    with TemporaryDirectory() as temporary:
        place = arguments.keep or Path(temporary)
        folder, output = place / "handed-in", place / "class"
        shutil.rmtree(folder, ignore_errors=True)
        make_class(folder, current(json.loads(arguments.run.read_bytes())))
        command = [sys.executable, "-m", "lab4", "class", "import", str(folder), "-o", str(output)]
        began = perf_counter()
        answer = run(command, check=False, env=os.environ | {"PYTHONPATH": str(ROOT)})
        took_s, used = perf_counter() - began, getrusage(RUSAGE_CHILDREN)
        cpu_s = used.ru_utime + used.ru_stime
        print(f"\n{STUDENTS} students in {took_s:.1f} s ({cpu_s:.1f} s of CPU time), exit code {answer.returncode}")
    return answer.returncode


if __name__ == "__main__":
    sys.exit(main())
