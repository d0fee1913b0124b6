"""Several builds at the same time, in real processes; what they build is in tests/end_to_end."""

import os
import signal
import threading
from dataclasses import dataclass, field

import pytest

from lab4.bench.builds import Builds
from lab4.bench.lanes import branches_of, build_together, lanes_for
from lab4.bench.python_host import Lane
from lab4.bench.worker import Worker
from lab4.cache import Cache, content_key
from lab4.cache.folder import LOCKS
from lab4.domain.cell import Variant
from lab4.domain.errors import Lab4Error
from lab4.storage.locks import locked

CNN, FCNN, PRUNED, TUNED = Variant("cnn"), Variant("fcnn"), Variant("cnn", ("pruned",)), Variant("cnn", ("tuned",))
#: Seconds for which another process is waited for, which no test takes.
LIMIT_S = 300
CLUSTERED = Variant("cnn", ("pruned", "clustered"))
WANTED = [
    (CNN, "onnx"),
    (CNN, "tflite"),
    (PRUNED, "onnx"),
    (CNN, "keras"),
    (FCNN, "onnx"),
    (CLUSTERED, "keras"),
    (TUNED, "keras"),
]


@dataclass
class ProcessIds(Builds):
    """Builds nothing: notes the process that would have built."""

    found: list[tuple[Variant, str, int]] = field(default_factory=list)
    trained: list[Variant] = field(default_factory=list)
    question: object = os.getpid
    entry: str = ""

    def model(self, variant):
        assert not variant.techniques or Variant(variant.model) in self.trained
        self.trained.append(variant)
        return variant

    def artifact(self, model, form):
        if form == "tflite":
            raise Lab4Error("this one cannot be made")
        if self.entry:
            self.cache.get_or_build(self.entry, "artifact", "cnn", lambda _: None)
        process = self.processes.builder.call(self.question) if self.processes else os.getpid()
        self.found.append((model, form, process))


@pytest.fixture
def lanes(tmp_path):
    made = [
        Lane(*(Worker(f"{what} {number}", tmp_path / f"{what}{number}.log", 300) for what in ("builder", "converter")))
        for number in (1, 2)
    ]
    yield made
    for lane in made:
        lane.close()


def interrupt():
    """What Ctrl-C does."""
    signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)


@pytest.fixture
def builds(tmp_path):
    return ProcessIds(Cache(tmp_path / "cache", LIMIT_S, lambda _: interrupt()), None, None, 0, None, False, print)


def test_branches_begin_with_a_model_or_its_first_technique():
    assert branches_of(WANTED) == {
        CNN: [(CNN, "onnx"), (CNN, "tflite"), (CNN, "keras")],
        PRUNED: [(PRUNED, "onnx"), (CLUSTERED, "keras")],
        FCNN: [(FCNN, "onnx")],
        TUNED: [(TUNED, "keras")],
    }
    assert branches_of([(PRUNED, "onnx")]) == {CNN: [], PRUNED: [(PRUNED, "onnx")]}


def test_each_branch_is_built_in_one_process_in_its_order_and_a_failure_stops_nothing(builds, lanes):
    reported = []
    branches = branches_of(WANTED)
    build_together(builds, lanes, branches, lambda *step: reported.append(step))
    for artifacts in branches.values():
        built = [(variant, form, process) for variant, form, process in builds.found if (variant, form) in artifacts]
        assert [(variant, form) for variant, form, _ in built] == [each for each in artifacts if each[1] != "tflite"]
        assert len({process for _, _, process in built} - {os.getpid()}) == 1
    numbers = [number for number, _, _ in reported]
    assert numbers[0] == 0
    assert numbers == sorted(numbers)
    assert numbers[-1] < len(numbers)
    assert {(variant, form) for _, variant, form in reported} == set(WANTED)


def test_a_fault_of_one_lane_leaves_no_other_waiting(builds, lanes):
    def report(_, variant, form):
        if variant == CNN:
            raise RuntimeError(form)

    build_together(builds, lanes, branches_of(WANTED), report)
    assert not any(variant == CNN for variant, _, _ in builds.found)


def test_an_interrupt_ends_what_is_being_built(builds, lanes):
    builds.question = signal.pause  # until it is killed
    begun = []

    def report(*step):
        begun.append(step)
        if len(begun) == len(lanes):
            interrupt()

    with pytest.raises(KeyboardInterrupt):
        build_together(builds, lanes, branches_of(WANTED), report)
    assert len(begun) == len(lanes)
    assert not builds.found


def test_an_interrupt_ends_the_wait_for_another_process_that_builds_the_same(builds, lanes):
    builds.entry = content_key({"model": "cnn"})
    builds.artifact(CNN, "onnx")
    with locked(builds.cache.folder / LOCKS / f"{builds.entry}.lock", limit_s=0), pytest.raises(KeyboardInterrupt):
        build_together(builds, lanes, branches_of([(CNN, "onnx")]), lambda *_: None)
    assert len(builds.found) == 1


def test_there_are_no_more_lanes_than_branches_or_cores():
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    assert lanes_for(1) == 1
    assert 1 <= lanes_for(100) <= min(4, cores)
