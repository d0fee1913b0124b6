"""Models built next to each other, each in processes of its own, before anything is timed."""

import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass, field, replace
from queue import Empty, SimpleQueue
from threading import Event, Lock

from lab4.bench.builds import Builds
from lab4.bench.python_host import Lane
from lab4.domain.cell import Variant
from lab4.domain.errors import Lab4Error

#: Each lane has a process of TensorFlow, which takes some 600 MB; more of them share the same memory bandwidth.
_MOST = 4

#: After an interrupt, how long until processes that have been started meanwhile are ended: seconds.
_AGAIN_S = 0.05

#: Artifacts of one model: a variant and the name of a format for each.
Artifacts = Sequence[tuple[Variant, str]]
#: What receives the number of artifacts that are built, and one that is begun.
Report = Callable[[int, Variant, str], None]


def lanes_for(models: int) -> int:
    """How many builds may go on at the same time: one for each model, as far as there are cores."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(models, cores, _MOST)


@dataclass
class _Work:
    """What is left to be built, by model, and whether nothing more shall be begun."""

    models: SimpleQueue[Artifacts]
    report: Report
    stopped: Event
    done: int = 0
    lock: Lock = field(default_factory=Lock)


def build_together(builds: Builds, lanes: Sequence[Lane], wanted: Mapping[str, Artifacts], report: Report) -> None:
    """Build the artifacts, those of one model after each other in one lane, since they begin with the same steps.

    What goes wrong with one is met again where it is asked for. An interrupt ends the processes of all lanes.
    """
    work = _Work(SimpleQueue(), report, Event())
    for artifacts in wanted.values():
        work.models.put(artifacts)
    with ThreadPoolExecutor(len(lanes)) as pool:
        running = list[Future[None]]()
        try:
            running += (pool.submit(_build, replace(builds, processes=lane), work) for lane in lanes)
            wait(running)
        except BaseException:
            work.stopped.set()
            while wait(running, timeout=_AGAIN_S).not_done:  # one may just be starting a process
                for lane in lanes:
                    lane.kill()
            raise


def _build(builds: Builds, work: _Work) -> None:
    with suppress(Empty):
        while not work.stopped.is_set():
            for variant, form in work.models.get_nowait():
                if work.stopped.is_set():
                    return
                with work.lock:
                    work.report(work.done, variant, form)
                with suppress(Lab4Error):
                    builds.artifact(builds.model(variant), form)
                with work.lock:
                    work.done += 1
