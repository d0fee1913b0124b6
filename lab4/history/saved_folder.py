"""Runs saved in pytest-benchmark's own folder, named as it names them."""

import re
from collections.abc import Iterator
from itertools import count
from pathlib import Path

from lab4.domain.figures import RunFigures
from lab4.storage.atomic import create_first_free


def save_in(folder: Path, run: RunFigures, document: bytes) -> Path:
    """Write a run under the next free number of its machine's folder; it is whole or not there.

    Raises:
        OutputError: if there is no space or permission.
    """
    place = folder / run.machine.hardware_id
    revision = re.sub(r"[^\w.-]", "_", run.commit.revision or "unversioned")[:40]
    revision += "_uncommitted-changes" if run.commit.dirty else ""
    moment = run.started_at[:19].replace("-", "").replace(":", "").replace("T", "_")
    names = (f"{number:04d}_{revision}_{moment}.json" for number in _free(place))
    return create_first_free(place, names, document)


def saved_files(folder: Path) -> list[Path]:
    """Every saved run in the folder, in the order of their machines and numbers."""
    return sorted(path for path in folder.rglob("*.json") if not path.name.startswith("."))


def _free(place: Path) -> Iterator[int]:
    taken = [int(path.name.partition("_")[0]) for path in place.glob("*.json") if path.name.partition("_")[0].isdigit()]
    return count(max(taken, default=0) + 1)
