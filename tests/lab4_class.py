"""Classes made up for tests: students with runs of a few cells, and what is particular about some of them."""

import hashlib
from dataclasses import replace

from worksheet_factory import CATALOGUE, at, latency, run, trained, weighed

from lab4.analysis.classroom.assessment import assess
from lab4.analysis.classroom.submission import HandedIn, Refused, Submission
from lab4.domain.cell import Cell
from lab4.domain.outcome import Failed, Measured

CELLS = ("latency/cnn-cpu-b1-keras", "latency/cnn-cpu-b1-onnx", "latency/fcnn-cpu-b1-onnx", "latency/cnn-cpu-b32-onnx")
TYPICAL_S = (0.9e-3, 80e-6, 20e-6, 2e-3)


def student_run(number=0, speed=1.0, probe=1.0, cells=CELLS, **changes):
    """A run of a student's own: each cell takes its typical time, times ``speed``; the probe's time is ``probe``."""
    timed = []
    for key, typical_s in zip(CELLS, TYPICAL_S, strict=True):
        made = latency(typical_s * speed * (1 + number * 1e-3), calls=60)
        timed.append((key, Measured(latency=replace(made, probe_s=(3e-5 * probe,) * 7, uncontended=()))))
    measured = [
        *((key, outcome) for key, outcome in timed if key in cells),
        ("train/cnn-cpu-b128-keras", trained((2.0 * speed, 2.1 * speed + number * 1e-3, 2.2 * speed))),
        ("examine/cnn-cpu-keras", weighed()),
    ]
    started = f"2026-03-{1 + number % 28:02d}T10:00:00+00:00"
    return run(*(at(key, outcome) for key, outcome in measured), started_at=started, **changes)


def changed(made, key, change):
    """The run with another outcome of one cell."""
    measurements = (
        replace(each, outcome=change(each.outcome)) if each.cell.key == key else each for each in made.measurements
    )
    return replace(made, measurements=tuple(measurements))


def submission(number, *runs, **changes):
    """What the student of this number handed in."""
    made = Submission(f"Student {number}", f"{number:08x}", tuple(map(handed_in, runs)))
    return replace(made, **changes)


def handed_in(made, name="run.json"):
    """The run as a file whose bytes no other run has."""
    return HandedIn(name, hashlib.sha256(repr(made).encode()).hexdigest(), made)


def ordinary(count=8, **changes):
    """Students whose runs differ by next to nothing."""
    return [submission(number, student_run(number, **changes)) for number in range(count)]


ASKED = {
    Cell.from_key("latency/cnn-cpu-b1-onnx"): None,
    Cell.from_key("examine/cnn-cpu-onnx"): Failed("it broke"),
    Cell.from_key("examine/cnn-cpu-keras"): Measured(),
}


def eventful_class(name="Ada"):
    """A slow student with missing cells, a copy, and a refused file, among eight ordinary ones."""
    slow = submission(20, student_run(20, speed=6), student=name, asked=ASKED, refused=(Refused("a.json", "no run"),))
    return assess([*ordinary(), slow, submission(21, student_run(0), student="Grace")], CATALOGUE)
