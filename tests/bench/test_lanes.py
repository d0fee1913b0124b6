"""Several builds at the same time, in real processes; what they build is in tests/end_to_end."""

import os
import signal
import threading
from dataclasses import dataclass, field

import pytest

from lab4.bench.builds import Builds
from lab4.bench.lanes import build_together, lanes_for
from lab4.bench.python_host import Lane
from lab4.bench.worker import Worker
from lab4.domain.cell import Variant
from lab4.domain.errors import Lab4Error

CNN, FCNN = Variant("cnn", ()), Variant("fcnn", ())
WANTED = {"cnn": [(CNN, "onnx"), (CNN, "tflite"), (CNN, "keras")], "fcnn": [(FCNN, "onnx")]}


@dataclass
class ProcessIds(Builds):
    """Builds nothing: notes the process that would have built."""

    found: list[tuple[str, str, int]] = field(default_factory=list)
    question: object = os.getpid

    def model(self, variant):
        return variant

    def artifact(self, model, form):
        if form == "tflite":
            raise Lab4Error("this one cannot be made")
        self.found.append((model.model, form, self.processes.builder.call(self.question)))


@pytest.fixture
def lanes(tmp_path):
    made = [
        Lane(*(Worker(f"{what} {number}", tmp_path / f"{what}{number}.log", 60.0) for what in ("builder", "converter")))
        for number in (1, 2)
    ]
    yield made
    for lane in made:
        lane.close()


def interrupt():
    """What Ctrl-C does."""
    signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)


@pytest.fixture
def builds():
    return ProcessIds(None, None, None, 0, None, False, print)


def test_each_model_is_built_in_one_process_in_its_order_and_a_failure_stops_nothing(builds, lanes):
    reported = []
    build_together(builds, lanes, WANTED, lambda *step: reported.append(step))
    assert [form for model, form, _ in builds.found if model == "cnn"] == ["onnx", "keras"]
    assert {form for model, form, _ in builds.found if model == "fcnn"} == {"onnx"}
    by_model = {name: {process for model, _, process in builds.found if model == name} for name in WANTED}
    assert all(len(processes) == 1 for processes in by_model.values())
    assert os.getpid() not in by_model["cnn"] | by_model["fcnn"]
    numbers = [number for number, _, _ in reported]
    assert numbers[0] == 0
    assert numbers == sorted(numbers)
    assert numbers[-1] < len(numbers)
    assert {(variant.model, form) for _, variant, form in reported} == {
        (name, form) for name, artifacts in WANTED.items() for _, form in artifacts
    }


def test_an_interrupt_ends_what_is_being_built(builds, lanes):
    builds.question = signal.pause  # until it is killed
    begun = []

    def report(*step):
        begun.append(step)
        if len(begun) == len(lanes):
            interrupt()

    with pytest.raises(KeyboardInterrupt):
        build_together(builds, lanes, WANTED, report)
    assert len(begun) == len(lanes)
    assert not builds.found


def test_there_are_no_more_lanes_than_models_or_cores():
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    assert lanes_for(1) == 1
    assert 1 <= lanes_for(100) <= min(4, cores)
