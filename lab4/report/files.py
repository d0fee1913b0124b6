"""The worksheet's files in a folder."""

from pathlib import Path

from lab4.analysis.tables import Worksheet
from lab4.domain.text import valid_text
from lab4.report import REPORTS
from lab4.report.student import Student

__all__ = ["write_worksheet"]


def write_worksheet(worksheet: Worksheet, folder: Path, student: Student) -> tuple[Path, ...]:
    """Write ``worksheet.md``, ``.html`` and ``.csv`` into ``folder``; an earlier one that differs is kept beside.

    Raises:
        OutputError: if the folder or a file cannot be written.
    """
    from lab4.storage.atomic import write_atomically

    # All are rendered before any is written, so that the files of a folder belong together.
    texts = {ending: REPORTS[ending](worksheet, student) for ending in REPORTS}
    paths = []
    for ending, text in texts.items():
        path = folder / f"worksheet.{ending}"
        write_atomically(path, valid_text(text).encode(), keep_earlier=True)
        paths.append(path)
    return tuple(paths)
