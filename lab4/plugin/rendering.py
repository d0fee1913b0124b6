"""The files of a run's reports, those by heavy packages in a process of their own, next to the others."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from lab4.domain.errors import Lab4Error
from lab4.report import REPORTS
from lab4.report.files import render_in_turn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from lab4.bench.worker import Worker
    from lab4.report import Student
    from lab4.report.files import RenderAll, ReportFile


#: The process that renders them.
PROCESS = "documents"


def prepare(reports: Iterable[str]) -> None:
    """Do ahead what takes long before the first document of these reports, or of all that there may be."""
    for each in _preparations(reports):
        each()


def prepare_in(worker: Worker, reports: Iterable[str]) -> None:
    """Let a worker's process `prepare` in the background; none is started for reports that need nothing."""
    if _preparations(reports):
        worker.preload(prepare, reports)


def _preparations(reports: Iterable[str]) -> set[Callable[[], object]]:
    wanted = (REPORTS[name] for name in reports or REPORTS)
    return {report.prepare for report in wanted if report.prepare is not None and not report.lacking}


def next_to_each_other(worker: Callable[[], Worker]) -> RenderAll:
    """What renders files here and, those by reports that import packages of an extra, in a worker's process.

    What that process does not render, as when it ends, is rendered here too.
    """

    def elsewhere(files: Sequence[ReportFile], student: Student) -> list[bytes | str]:
        try:
            return worker().call(render_in_turn, files, student) if files else []
        except Lab4Error:
            return render_in_turn(files, student)

    def render(files: Sequence[ReportFile], student: Student) -> list[bytes | str]:
        heavy = [file for file in files if REPORTS[file.report].modules]
        light = [file for file in files if not REPORTS[file.report].modules]
        with ThreadPoolExecutor(1) as pool:
            coming = pool.submit(elsewhere, heavy, student)
            contents = dict(zip((file.name for file in light), render_in_turn(light, student), strict=True))
            contents |= zip((file.name for file in heavy), coming.result(), strict=True)
        return [contents[file.name] for file in files]

    return render
