"""Hosts for tests: one in this process, which remembers what it was asked."""

from pathlib import Path

import numpy as np

from lab4.bench.hosts import HostedCell
from lab4.bench.specs import Built
from lab4.domain.errors import UnavailableError
from lab4.domain.observed import SystemActivity, WarmUp
from lab4.domain.rounds import TimingWindow
from lab4.formats import FORMATS
from lab4.runtimes.host import Handle, Opened, RunSpec, StaleHandleError

QUIET = SystemActivity(0.01, 0.01, 0, None, None, None, None, None, None, None, None)
#: What the original answers for four examples.
REFERENCE = np.eye(4, dtype=np.float32)


class HereHost:
    """Answers at once; ``die`` ends its process, as far as others can tell."""

    def __init__(self, outputs=REFERENCE, **answers):
        self.asked, self.outputs, self.answers = [], outputs, answers
        self.generation, self.open_handles = 1, set()

    def die(self):
        self.generation += 1
        self.open_handles.clear()

    def open(self, spec, warmup_s, checked, iterations=None):
        self.asked.append(("open", warmup_s, iterations))
        handle = Handle(spec, len(self.asked), self.generation)
        self.open_handles.add(handle)
        warm, calls = WarmUp(8, 0.1, steady=True), iterations or (1, 1)
        outputs = {"scores": self.outputs[:checked]}
        return Opened(handle, 0.1, 0.2, warm, 1, None, "call", "", *calls, outputs)

    def _check(self, handle):
        if handle not in self.open_handles:
            raise StaleHandleError("gone")

    def time_window(self, handle, _budget):
        self._check(handle)
        self.asked.append("window")
        return TimingWindow((1.0, 1.01, 1.0), (), 0.0, (), {}, QUIET, fresh=False)

    def _answer(self, name):
        self.asked.append(name)
        answer = self.answers.get(name, UnavailableError("no meter"))
        if isinstance(answer, Exception):
            raise answer
        return answer

    def energy(self, handle):
        self._check(handle)
        return self._answer("energy")

    def counters(self, handle):
        self._check(handle)
        return self._answer("counters")

    def peak_memory(self, _spec):
        return self._answer("memory")

    def close(self, handle):
        self.asked.append("close")
        self.open_handles.discard(handle)


def hosted(host, folder: Path, batch_size=1):
    """An ONNX artifact in ``host``; its reference outputs are `REFERENCE`."""
    reference, examples = folder / "reference.npz", folder / "examples"
    np.savez(reference, scores=REFERENCE)
    traits, path = FORMATS["onnx"].traits, folder / "model.onnx"
    spec = RunSpec("onnxruntime", path, traits, "cpu", batch_size, 1, examples)
    return HostedCell(host, spec, Built("onnx", path, reference, (), examples, None))
