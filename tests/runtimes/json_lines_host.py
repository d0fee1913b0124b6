"""The host of a runtime that is no Python package: a process that speaks JSON lines, as one of Node would."""

import json
import subprocess
import sys
from pathlib import Path

from lab4.domain.catalogue import FormatTraits, RuntimeTraits
from lab4.domain.errors import ConversionError, CrashError, UnavailableError
from lab4.domain.observed import SystemActivity, WarmUp
from lab4.domain.rounds import TimingWindow
from lab4.formats import Format, Tolerance
from lab4.runtimes.host import Handle, HostFacts, Opened, StaleHandleError
from lab4.runtimes.runtime import Runtime

SCRIPT = Path(__file__).with_name("json_lines_script.py")


class JsonLinesHost:
    def __init__(self, context):
        self._context, self._process, self._starts = context, None, 0

    def _ask(self, method, **arguments):
        process = self._process
        if process is None or process.poll() is not None:
            self.shutdown()
            self._starts += 1
            log = (self._context.folder / "json-lines.log").open("ab")
            command = [sys.executable, "-S", "-E", str(SCRIPT)]
            with log:
                self._process = process = subprocess.Popen(
                    command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True
                )
        try:
            process.stdin.write(json.dumps({"method": method, **arguments}) + "\n")
            process.stdin.flush()
            answer = json.loads(process.stdout.readline())
        except (OSError, ValueError):
            self.shutdown()
            raise CrashError("the JSON lines process ended") from None
        if "refused" in answer:
            raise ConversionError(answer["refused"])
        return answer["result"]

    def _on(self, handle, method, **arguments):
        is_there = self._process is not None and self._process.poll() is None
        if not is_there or handle.generation != self._starts:
            raise StaleHandleError("the JSON lines process has ended")
        return self._ask(method, number=handle.number, **arguments)

    def describe(self, runtime):
        said = self._ask("describe")
        versions = {"json-lines-engine": said["version"]}
        return HostFacts(runtime, said["version"], "its own", said["resolution_s"], versions)

    def prepare(self, runtime, threads, *, for_memory):
        pass

    def require(self, _runtime, _threads):
        self._ask("describe")

    def open(self, spec, warmup_s, checked, _iterations=None):
        arguments = {"path": str(spec.path), "examples": str(spec.examples), "batch_size": spec.batch_size}
        told = self._ask("open_artifact", **arguments, warmup_s=warmup_s, checked=checked)
        calls, seconds = told["warmup"]
        return Opened(
            Handle(spec, told["number"], self._starts),
            told["load_s"],
            told["first_call_s"],
            WarmUp(calls, seconds, None),
            threads=None,
            cores=None,
            clock="the whole call",
            compute_only_clock="",
            iterations=1,
            compute_only_iterations=1,
            outputs=told["outputs"],
        )

    def time_window(self, handle, budget):
        limits = {"seconds": budget.seconds, "min_calls": budget.min_calls, "max_calls": budget.max_calls}
        told = self._on(handle, "time_window", **limits)
        activity = SystemActivity(told["wall_s"], told["cpu_s"], 0, *[None] * 8)
        return TimingWindow(tuple(told["samples_s"]), (), told["probe_s"], (), {}, activity, fresh=False)

    def time_loads(self, spec, loads):
        return tuple(self._ask("time_loads", path=str(spec.path), examples=str(spec.examples), loads=loads))

    def predict(self, spec):
        return self._ask("predict", path=str(spec.path), examples=str(spec.examples))

    def peak_memory(self, _spec):
        raise UnavailableError("the JSON lines process does not report its memory")

    def energy(self, _handle):
        raise UnavailableError("the JSON lines process reads no meter")

    def counters(self, _handle):
        raise UnavailableError("the JSON lines process reads no counters")

    def close(self, handle):
        self._on(handle, "close")

    def quiet(self):
        pass

    def shutdown(self):
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()
            process.stdin.close()
            process.stdout.close()


RUNTIME = Runtime(
    RuntimeTraits("json_lines", "JSON lines", host="script", is_native=True, devices=("cpu",)), JsonLinesHost
)
MATRIX = Format(
    traits=FormatTraits("matrix", "Matrix", container="json", precision="float32", runtimes=("json_lines",)),
    filename="matrix.json",
    distributions=(),
    tolerance=Tolerance(1e-4, 1.0),
    export=None,
    kernels=None,
)
