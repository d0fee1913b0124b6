"""What a cell takes beside time is asked of those who know it, unless it was left out."""

from functools import partial

import pytest

from lab4.bench.bench import Bench
from lab4.bench.order import Order
from lab4.bench.profiles import QUICK
from lab4.bench.resource_kinds import RESOURCES
from lab4.bench.resources import Resources
from lab4.bench.specs import Built, RunSpec
from lab4.domain.cell import Cell
from lab4.domain.errors import CrashError, UnavailableError
from lab4.domain.outcome import Measured
from lab4.domain.resources import Energy, PeakMemory

LEFT_OUT = "left out (--lab4-resources)"


class Known:
    """Stands for a process: answers from a table, and remembers what it was asked."""

    def __init__(self, **answers):
        self.answers = {RESOURCES[name]: answer for name, answer in answers.items()}
        self.asked = []

    def call(self, job, *_):
        self.asked.append(job)
        if job not in self.answers:
            raise UnavailableError("no meter")
        return self.answers[job]


@pytest.fixture
def spec(tmp_path):
    return RunSpec(Built("onnx", tmp_path / "model.onnx", tmp_path / "reference.npy", 0), "cpu", 1, 1, None)


def test_what_was_left_out_is_not_asked_for_and_says_so(spec):
    peak, process = PeakMemory(1, 2, "read"), Known()
    measured = Resources(("memory",), process, lambda _: Known(memory=peak)).added(Measured(), spec, process)
    assert measured.memory == peak
    assert measured.missing == dict.fromkeys(("work", "energy", "counters"), LEFT_OUT)
    assert process.asked == []


def test_what_a_machine_lacks_is_asked_for_once(spec):
    energy, process = Energy({"package": 1.0}, 1, 1.0), Known()
    resources = Resources(("energy", "counters"), process, lambda _: process)
    for _ in range(2):
        measured = resources.added(Measured(), spec, process)
        assert measured.missing["energy"] == measured.missing["counters"] == "no meter"
    assert process.asked == [RESOURCES["energy"], RESOURCES["counters"]]
    assert resources.added(Measured(), spec, Known(energy=energy)).energy is None
    assert Resources(("energy",), process, lambda _: process).added(Measured(), spec, Known(energy=energy)).energy


def test_a_crash_is_one_cells_and_the_next_is_asked(spec):
    process = Known()
    process.call = partial(_crash, process.asked)
    resources = Resources(("energy",), process, lambda _: process)
    for _ in range(2):
        assert resources.added(Measured(), spec, process).missing["energy"] == "it died"
    assert process.asked == [RESOURCES["energy"]] * 2


def _crash(asked, job, *_):
    asked.append(job)
    raise CrashError("it died")


def test_peaks_that_were_left_out_start_nothing(tmp_path):
    warnings = []
    order = Order("mnist_10k", QUICK, 1, tmp_path, rebuild=False, cell_limit_s=60, resources=("memory",))
    bench = Bench(order, warnings.append)
    assert bench.peaks([Cell.from_key("latency/fcnn-cpu-b1-onnx")]) == ()
    assert bench.processes.folder.exists()
    assert not list(bench.processes.folder.glob("*.log"))
    bench.close()
    bench.close()
    assert warnings == []
