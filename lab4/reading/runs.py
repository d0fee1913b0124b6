"""Reads runs from files and folders, also those of plain pytest-benchmark, and a project's gate policy."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from lab4.analysis.figures import figures_of
from lab4.analysis.policy import Policy, policy_of
from lab4.analysis.spreads import spreads_of
from lab4.domain.errors import HistoryError, Lab4Error, RecordError
from lab4.domain.fields import moment
from lab4.domain.figures import RunFigures
from lab4.domain.identity import distinct
from lab4.domain.passwords import looks_like_url
from lab4.domain.run import Run
from lab4.domain.text import printable
from lab4.history.host_file import host_run, is_of_host
from lab4.history.json_text import parse_file, read_bytes
from lab4.history.run_file import run_of
from lab4.storage.settings import tool_table

T = TypeVar("T")


def figures_in(data: bytes, source: str) -> RunFigures:
    """The figures of a run file, or of one that plain pytest-benchmark saved; raises `RecordError`."""
    return _figures(parse_file(data, source), source)


def _figures(document: object, source: str) -> RunFigures:
    return host_run(document, source) if is_of_host(document) else figures_of(run_of(document, source))


def json_files(paths: Iterable[Path]) -> list[Path]:
    """The given files, and every JSON file in the given folders and below."""
    return [file for path in paths for file in (sorted(path.rglob("*.json")) if path.is_dir() else [path])]


def runs_at(
    paths: Iterable[Path], note: Callable[[str], None], faults: dict[str, str] | None = None
) -> list[RunFigures]:
    """Read files, and every run in folders and below, each once, in the order in which they were measured.

    In a folder, JSON that is not a run is skipped. Of several copies of a run the most complete one counts. ``note``
    gets a sentence about each. Named files that are not runs, damaged runs, and files that are not JSON (possibly half
    a run) are refused: raises `RecordError`, one sentence naming the file and what is wrong with it. With ``faults``
    that gets the sentences by file, and the other files are read.
    """
    runs = _read(paths, _figures, note, faults)
    return sorted(distinct(runs, note), key=lambda run: moment(run.started_at))


def whole_runs_at(paths: Sequence[Path], note: Callable[[str], None]) -> list[Run]:
    """Read files, and every run in folders and below, in that order; ``note`` and errors as `runs_at`.

    Folders may have several copies of a run: then each run is there once.
    """
    runs = _read(paths, run_of, note)
    return distinct(runs, note) if any(path.is_dir() for path in paths) else runs


def _read(
    paths: Iterable[Path],
    convert: Callable[[object, str], T],
    note: Callable[[str], None],
    faults: dict[str, str] | None = None,
) -> list[T]:
    """What ``convert`` makes of each file's content and name; the others as `runs_at` says."""
    found: dict[Path, T] = {}
    for path in paths:
        for file in json_files([path]):
            name = printable(str(file))
            try:
                document = parse_file(read_bytes(file), name)
                # A damaged run looks like one too: it must be refused, and not skipped.
                if path.is_dir() and not (isinstance(document, dict) and "benchmarks" in document):
                    note(f"skipped {file}: it is not a run")
                else:
                    found[file.resolve()] = convert(document, name)
            except RecordError as error:
                if faults is None:
                    raise
                faults[name] = str(error)
    return list(found.values())


def baselines_at(paths: Iterable[Path], note: Callable[[str], None]) -> list[RunFigures]:
    """As `runs_at`, but a path need not exist, because a first run has no baseline: ``note`` gets a sentence.

    Raises `HistoryError` for the address of a database.
    """
    existing = []
    for path in paths:
        if path.exists():
            existing.append(path)
        elif looks_like_url(str(path)):  # every run would count as a first run
            raise HistoryError("a baseline is a file or a folder; name a database with --history, and runs with --last")
        else:
            note(f"there is no baseline at {path}")
    return runs_at(existing, note)


def policy_at(path: Path | None, default: Path) -> Policy:
    """The policy in a file that was named, or in ``default``, which need not exist.

    A file of spreads that the policy names and that cannot be used is refused in its remark; the built-in ones hold.
    Raises `Lab4Error` if the named file does not exist or has no policy, or either file is invalid.
    """
    if path is not None and not path.is_file():
        raise Lab4Error(f"--policy: there is no file {path}")
    used = path or default
    table = tool_table(used)
    if path is not None and "gate" not in table:
        raise Lab4Error(f"--policy: {path} has no table [tool.lab4.gate], so that it sets nothing")
    policy = policy_of(table.get("gate", {}))
    if not policy.spreads_file:
        return policy
    file = used.parent / policy.spreads_file
    try:
        return replace(policy, spreads=spreads_of(read_bytes(file).decode("utf-8", "replace"), str(file)))
    except Lab4Error as error:
        return replace(policy, remark=f"{error}; the gate goes on with its built-in spreads")
