"""``lab4 cache``: list or delete cached models and artifacts."""

from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from lab4.cli.commands import Command
from lab4.cli.shared import answer, terminal_columns
from lab4.domain.errors import CacheError
from lab4.domain.text import printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lab4.cache import CacheEntry


def _declare(parser: ArgumentParser) -> None:
    parser.add_argument("action", choices=("list", "clear"), help="list or delete the cached entries")
    parser.add_argument(
        "--cache", type=Path, metavar="DIR", help="the cache's folder (default: the user's cache folder)"
    )


def _run(arguments: Namespace) -> int:
    from lab4.cache import Cache, default_folder

    folder = default_folder() if arguments.cache is None else arguments.cache
    if arguments.cache is not None and not folder.is_dir():
        raise CacheError(f"there is no folder {folder}; leave out --cache for the default one")
    cache = Cache(folder)
    if arguments.action == "clear":
        freed = cache.clear()
        answer(
            arguments,
            f"{_megabytes(freed)} freed in {printable(str(folder))}",
            {"folder": str(folder), "freed_bytes": freed},
        )
    else:
        entries = cache.list()
        answer(arguments, _listing(entries, folder), {"folder": str(folder), "entries": list(map(_plain, entries))})
    return 0


def _plain(entry: "CacheEntry") -> dict[str, object]:
    return {
        "kind": entry.kind,
        "description": entry.description,
        "bytes": entry.disk_bytes,
        "created_at": entry.created_at,
    }


def _megabytes(size_bytes: int) -> str:
    from lab4.analysis.tables import Quantity
    from lab4.report.units import figure

    return figure(Quantity(size_bytes), "bytes")


def _listing(entries: "Sequence[CacheEntry]", folder: Path) -> str:
    """One line per entry, the oldest first, in columns; then the total."""
    from lab4.report.columns import fitted

    ordered = sorted(entries, key=lambda entry: entry.created_at)
    rows = [(entry.kind, entry.description, _megabytes(entry.disk_bytes), entry.created_at) for entry in ordered]
    lines = map(printable, fitted([("Kind", "What", "Size", "Made at"), *rows], terminal_columns()) if rows else ())
    count = "1 entry" if len(rows) == 1 else f"{len(rows)} entries"
    total = _megabytes(sum(entry.disk_bytes for entry in entries))
    return "\n".join([*lines, f"{count} in {printable(str(folder))}, {total} in total"])


CACHE = Command(
    "list or delete the trained models and artifacts that are cached for the next run",
    _declare,
    _run,
    ("lab4 cache list", "lab4 cache clear"),
)
