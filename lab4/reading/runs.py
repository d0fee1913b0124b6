"""Files and folders to runs, whoever wrote them."""

from collections.abc import Callable, Iterable
from pathlib import Path

from lab4.analysis.figures import figures_of
from lab4.domain.errors import RecordError
from lab4.domain.figures import RunFigures
from lab4.history.host_file import host_run
from lab4.history.json_text import parse, read_bytes
from lab4.history.run_file import run_of_bytes

__all__ = ["baselines_at", "figures_in", "json_files", "runs_at"]


def figures_in(data: bytes, source: str) -> RunFigures:
    """The figures of a run file, or of one that plain pytest-benchmark saved; raises `RecordError`."""
    if b'"lab4"' not in data and _is_of_pytest_benchmark(data):
        return host_run(data, source)
    return figures_of(run_of_bytes(data, source))


def _is_of_pytest_benchmark(data: bytes) -> bool:
    try:
        document = parse(data)
    except RecordError:
        return False  # who reads it next says so, with the name of the file
    return isinstance(document, dict) and isinstance(document.get("benchmarks"), list) and "machine_info" in document


def json_files(paths: Iterable[Path]) -> list[Path]:
    """Files as they are, and of folders every JSON file in them and below."""
    return [file for path in paths for file in (sorted(path.rglob("*.json")) if path.is_dir() else [path])]


def runs_at(paths: Iterable[Path], note: Callable[[str], None]) -> list[RunFigures]:
    """Read files, and of folders every run in them and below, each once, in the order in which they were measured.

    In a folder, JSON that is no run is passed over, which ``note`` is told; a file that was named, and a run that is
    damaged, are refused.

    Raises:
        RecordError: one sentence naming the file and what is wrong with it.
    """
    runs: dict[Path, RunFigures] = {}
    for path in paths:
        for file in json_files([path]):
            data = read_bytes(file)
            if path.is_dir() and not _looks_like_a_run(data):
                note(f"passed over {file}: it is not a run")
            else:
                runs[file.resolve()] = figures_in(data, str(file))
    return sorted(runs.values(), key=lambda run: run.started_at)


def baselines_at(paths: Iterable[Path], note: Callable[[str], None]) -> list[RunFigures]:
    """As `runs_at`; what is not there is no error, since a first run has no baseline: ``note`` is told."""
    there = []
    for path in paths:
        if path.exists():
            there.append(path)
        else:
            note(f"there is no baseline at {path}")
    return runs_at(there, note)


def _looks_like_a_run(data: bytes) -> bool:
    """Damaged ones do as well: they must be refused, not passed over."""
    return b'"benchmarks"' in data or not data.strip()
