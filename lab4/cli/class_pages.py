"""The pages of a class's students, each made in whichever of several processes is free."""

import os
import signal
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING

from lab4.domain.errors import Lab4Error
from lab4.domain.text import first_line, printable

if TYPE_CHECKING:
    from lab4.analysis.classroom.assessment import Assessed
    from lab4.analysis.classroom.privacy import Owner
    from lab4.analysis.document import Document
    from lab4.domain.run import Run
    from lab4.report import Student

#: Fewer pages are sooner made here than processes are started; and more processes would wait for the disk.
_FEW, _MOST_PROCESSES = 8, 8
_PAGE = "index.html"


@dataclass(frozen=True, slots=True)
class StudentPage:
    """What a page is made of: what is known of the student, the student's answers, and what says whose they are."""

    student: "Assessed"
    answers: "Student"
    owner: "Owner"


@dataclass(frozen=True, slots=True)
class WrittenPage:
    """The path of a page, or a sentence about why there is none."""

    path: Path
    fault: str = ""


def write_pages(pages: Sequence[StudentPage], folder: Path, *, are_real_cells: bool) -> Iterator[WrittenPage]:
    """Write ``FOLDER/ID/index.html`` for each student; cells that are real are named in commands.

    What one page is made of costs no other page. Raises `OutputError` if a file cannot be written.
    """
    write = partial(_write, folder=folder, are_real_cells=are_real_cells)
    workers = min(os.cpu_count() or 1, _MOST_PROCESSES)
    if len(pages) < _FEW or workers == 1 or not _may_be_copied():
        yield from map(write, pages)
        return
    with ProcessPoolExecutor(workers, get_context("fork"), _leave_interrupts) as processes:
        try:
            yield from processes.map(write, pages)
        except BrokenProcessPool:
            raise Lab4Error("a process that makes pages was ended, perhaps for want of memory; try again") from None
        finally:
            processes.shutdown(cancel_futures=True)


def _may_be_copied() -> bool:
    """Whether this process can go on as several: on Linux, and without threads, which a copy would not have.

    Elsewhere a process is begun by running its program again, which may be the script of a user.
    """
    return sys.platform == "linux" and len(list(Path("/proc/self/task").iterdir())) == 1


def _leave_interrupts() -> None:
    """A Ctrl-C is the parent's, which ends its processes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _write(page: StudentPage, folder: Path, *, are_real_cells: bool) -> WrittenPage:
    from lab4.storage.atomic import write_atomically

    submission = page.student.submission
    path = folder / submission.id / _PAGE
    try:
        content = _made(page, are_real_cells=are_real_cells)
    except Exception as error:  # noqa: BLE001  # whatever is in one student's files, the others get their pages
        return WrittenPage(path, printable(f"the page of {submission.student} was not written: {first_line(error)}"))
    write_atomically(path, content.encode())
    return WrittenPage(path)


def _made(page: StudentPage, *, are_real_cells: bool) -> str:
    """A student's worksheet, with remarks, and without what says whose it is."""
    from lab4.analysis.classroom.privacy import anonymous, names_out
    from lab4.analysis.classroom.remarks import remarks
    from lab4.report import Student
    from lab4.report.web_page import render

    runs = page.student.submission.runs
    without_names = names_out(runs, page.owner)
    document = _document(anonymous(runs, without_names))
    section = remarks(page.student, without_names, are_real_cells=are_real_cells)
    own, text = page.answers, page.owner.text
    student = Student(
        date=text(own.date),
        reflection=None if own.reflection is None else text(own.reflection),
        answers={key: text(written) for key, written in own.answers.items()},
    )
    return render(replace(document, sections=(section, *document.sections)), student)


def _document(runs: "Sequence[Run]") -> "Document":
    """The worksheet of the runs, empty without one; the general report where they have nothing of the worksheet."""
    from lab4.analysis.overview import report
    from lab4.worksheet import blank_form, has_form_cells, worksheet

    if not runs:
        return blank_form()
    return worksheet(runs) if has_form_cells(runs) else report(runs)
