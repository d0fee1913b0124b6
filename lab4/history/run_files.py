"""Run files by path, or all of a folder, in the order in which they were measured."""

from collections.abc import Callable, Iterable
from pathlib import Path

from lab4.domain.errors import RecordError
from lab4.domain.run import Run
from lab4.history.run_file import read_run

__all__ = ["read_runs"]


def read_runs(paths: Iterable[Path], warn: Callable[[str], None]) -> list[Run]:
    """Read files, and of folders every run file in them and below, oldest first.

    In a folder, JSON of something else is passed over, which ``warn`` is told; a file that was named, or a run that
    is damaged, is refused.

    Raises:
        RecordError: one sentence naming the file and what is wrong with it.
    """
    runs: dict[Path, Run] = {}
    for path in paths:
        if path.is_dir():
            for file in sorted(path.rglob("*.json")):
                run = _of_a_folder(file, warn)
                if run is not None:
                    runs[file.resolve()] = run
        else:
            runs[path.resolve()] = read_run(path)
    return sorted(runs.values(), key=lambda run: run.started_at)


def _of_a_folder(file: Path, warn: Callable[[str], None]) -> Run | None:
    try:
        return read_run(file)
    except RecordError as error:
        if "something else" in str(error) or "without the lab4 suite" in str(error):
            warn(f"passed over {file}: it is not a run of the suite")
            return None
        raise
