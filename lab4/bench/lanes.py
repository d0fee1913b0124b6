"""Models and their variants, built next to each other, each in processes of its own, before anything is timed."""

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import replace
from functools import partial
from queue import SimpleQueue
from threading import Event, Lock

from lab4.bench.builds import Builds
from lab4.bench.python_host import Lane
from lab4.domain.cell import Variant
from lab4.domain.errors import Lab4Error

#: Each lane has a process of TensorFlow, which takes some 600 MB; more of them share the same memory bandwidth.
_MOST = 4

#: After an interrupt, how long until processes that have been started meanwhile are ended: seconds.
_AGAIN_S = 0.05

#: A variant, and the name of the format that it is written in.
Artifact = tuple[Variant, str]
#: What receives the number of artifacts that are built, and one that is begun.
Report = Callable[[int, Variant, str], None]
#: Artifacts by what their builds begin with: a model, or a model and its first technique.
Branches = Mapping[Variant, Sequence[Artifact]]


def branches_of(artifacts: Iterable[Artifact]) -> Branches:
    """The artifacts, in branches: those of one have the same first steps, and other branches need none of its own.

    A model's branch is there also where only others, which begin with it, have artifacts.
    """
    found: dict[Variant, list[Artifact]] = {}
    for variant, form in artifacts:
        found.setdefault(Variant(variant.model), [])
        found.setdefault(replace(variant, techniques=variant.techniques[:1]), []).append((variant, form))
    return found


def lanes_for(branches: int) -> int:
    """How many builds may go on at the same time: one for each branch, as far as there are cores."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(branches, cores, _MOST)


class _Work:
    """What is left to be built, and whether nothing more shall be begun."""

    def __init__(self, branches: Branches, lanes: int, report: Report) -> None:
        self.branches = branches
        self.stopped = Event()
        self._lanes, self._report = lanes, report
        #: What branches begin with, those that can begin; ``None`` where no other will follow.
        self._ready = SimpleQueue[Variant | None]()
        self._left, self._done, self._lock = len(branches), 0, Lock()
        self.release()

    def next(self) -> Variant | None:
        """What the next branch begins with, as soon as it can begin; ``None`` where nothing more shall be begun."""
        start = self._ready.get()
        return None if self.stopped.is_set() else start

    def release(self, model: str = "") -> None:
        """Let the branches begin that need this model first; without one, those that need none."""
        for start in self.branches:
            if (start.model if start.techniques else "") == model:
                self._ready.put(start)

    def begins(self, artifact: Artifact) -> None:
        """Report an artifact that is begun."""
        with self._lock:
            self._report(self._done, *artifact)

    def has_built(self) -> None:
        """Count an artifact."""
        with self._lock:
            self._done += 1

    def has_ended(self) -> None:
        """Count a branch."""
        with self._lock:
            self._left -= 1
        if not self._left:
            self._dismiss()

    def stop(self) -> None:
        """Begin nothing more."""
        self.stopped.set()
        self._dismiss()

    def _dismiss(self) -> None:
        for _ in range(self._lanes):
            self._ready.put(None)


def build_together(builds: Builds, lanes: Sequence[Lane], branches: Branches, report: Report) -> None:
    """Build artifacts, those of a branch after each other in one lane, as soon as its model is trained.

    What goes wrong with one is met again where it is asked for. An interrupt ends the processes of all lanes, and
    their waits for others that build the same.
    """
    work = _Work(branches, len(lanes), report)
    jobs = [partial(_build, replace(builds, processes=lane), work) for lane in lanes]
    run_together(jobs, len(jobs), work.stop, [builds.cache.end_waits, *(lane.kill for lane in lanes)])


def run_together(
    jobs: Sequence[Callable[[], None]], most: int, stop: Callable[[], None], kill: Sequence[Callable[[], None]]
) -> None:
    """Run jobs in their order, ``most`` of them at a time, until all have ended; what one of them raises is dropped.

    After an interrupt ``stop`` lets them begin nothing more, and ``kill`` ends what they wait for.
    """
    with ThreadPoolExecutor(most) as pool:
        running = list[Future[None]]()
        try:
            running += (pool.submit(job) for job in jobs)
            wait(running)
        except BaseException:
            stop()
            while wait(running, timeout=_AGAIN_S).not_done:  # one may just be starting a process
                for end in kill:
                    end()
            raise


def _build(builds: Builds, work: _Work) -> None:
    try:
        while (start := work.next()) is not None:
            if not start.techniques:
                with suppress(Lab4Error):
                    builds.model(start)
                work.release(start.model)
            _build_branch(builds, work, work.branches[start])
            work.has_ended()
    except BaseException:
        work.stop()  # the other lanes wait for this one's branch
        raise


def _build_branch(builds: Builds, work: _Work, artifacts: Sequence[Artifact]) -> None:
    for variant, form in artifacts:
        if work.stopped.is_set():
            return
        work.begins((variant, form))
        with suppress(Lab4Error):
            builds.artifact(builds.model(variant), form)
        work.has_built()
