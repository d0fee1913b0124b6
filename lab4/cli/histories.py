"""Runs and histories as the commands name them: files, folders, and entries of a store."""

import sys
from argparse import ArgumentParser
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lab4.domain.figures import RunFigures
    from lab4.history.store import Store

__all__ = ["add_document", "declare_history", "figures_in", "json_files", "note", "opened"]


def declare_history(parser: ArgumentParser) -> None:
    """Declare ``--history``."""
    parser.add_argument(
        "--history",
        metavar="URL",
        help="folder, sqlite:///FILE or postgresql://USER@HOST/NAME (default: .benchmarks, $LAB4_HISTORY)",
    )


def note(sentence: str) -> None:
    """Tell what does not end the command."""
    print(f"lab4: note: {sentence}", file=sys.stderr)


def opened(address: str | None) -> "Store":
    """Open the history; files in an embedded one's folder that its index does not have are added to it."""
    import os

    from lab4.domain.errors import HistoryError, RecordError

    try:
        from lab4.history.store import open_store
    except ImportError as error:
        raise HistoryError(
            f"histories need {error.name}, which is not here; run: pip install 'lab4[history]'"
        ) from None
    store = open_store(address or os.environ.get("LAB4_HISTORY"))
    if store.folder is not None:
        from lab4.history.saved_folder import saved_files

        known = store.sources()
        for path in saved_files(store.folder):
            if str(path) not in known:
                try:
                    data = path.read_bytes()
                    store.add(figures_in(data, str(path)), data, str(path))
                except (RecordError, OSError) as error:
                    note(f"passed over: {error}")
    return store


def figures_in(data: bytes, source: str) -> "RunFigures":
    """The figures of a run file, or of one that plain pytest-benchmark saved; raises `RecordError`."""
    from lab4.analysis.figures import figures_of
    from lab4.history.host_file import host_run
    from lab4.history.json_text import parse
    from lab4.history.run_file import run_of_bytes

    document = parse(data) if b'"lab4"' not in data else None
    if isinstance(document, dict) and isinstance(document.get("benchmarks"), list):
        return host_run(data, source)
    return figures_of(run_of_bytes(data, source))


def add_document(store: "Store", data: bytes, source: str) -> int | None:
    """Add a file to the history, kept in its folder if it has one; ``None`` where it was there already."""
    run = figures_in(data, source)
    if store.has(data):
        return None
    if store.folder is not None:
        from lab4.history.saved_folder import save_in

        source = str(save_in(store.folder, run, data))
    return store.add(run, data, source)


def json_files(paths: Iterable[Path]) -> list[Path]:
    """Files as they are, and of folders every JSON file in them and below."""
    return [file for path in paths for file in (sorted(path.rglob("*.json")) if path.is_dir() else [path])]
