"""The command that measures cells, for people who lack them."""

import shlex
from collections.abc import Iterable

from lab4.domain.cell import KINDS, LATENCY, TRAIN, Cell, quoted
from lab4.domain.errors import Lab4Error
from lab4.domain.registry import DEFAULT


def measuring(cells: Iterable[str], profile: str) -> str:
    """The command that measures these cells, and others only where options cannot separate them.

    >>> measuring(["latency/fcnn-cpu-b1-onnx"], "quick")
    'pytest benchmarks -m latency --lab4-profile quick --lab4-models fcnn --lab4-devices cpu --lab4-formats onnx \
--lab4-batch-sizes 1 --lab4-threads 1'
    """
    try:
        parsed = [Cell.from_key(key) for key in cells]
    except Lab4Error:  # tests of plain pytest-benchmark
        return "pytest --benchmark-autosave"
    if not parsed:
        return "pytest benchmarks"
    kinds = [kind for kind in KINDS if any(cell.kind == kind for cell in parsed)]
    timed = [cell for cell in parsed if cell.kind == LATENCY]
    options: dict[str, Iterable[object]] = {
        "models": [cell.model for cell in parsed],
        "devices": [cell.device for cell in parsed],
        "formats": [cell.format for cell in parsed],
        "techniques": [".".join(map(quoted, cell.techniques)) for cell in parsed if cell.techniques],
        "batch-sizes": [cell.batch_size for cell in timed],
        "threads": [cell.threads for cell in timed],
        "settings": _settings(timed),
        "train-batch-sizes": [cell.batch_size for cell in parsed if cell.kind == TRAIN],
    }
    words = ["pytest", "benchmarks", "-m", " or ".join(kinds), "--lab4-profile", profile]
    for name, values in options.items():
        written = ",".join(dict.fromkeys(map(str, values)))
        words += [f"--lab4-{name}", written] if written else []
    return shlex.join(words)


def _settings(cells: Iterable[Cell]) -> list[str]:
    """The values of each setting that one of the cells has, as ``--lab4-settings`` takes them."""
    chosen = [dict(cell.settings) for cell in cells]
    names = dict.fromkeys(name for each in chosen for name in each)
    return [f"{name}={','.join(dict.fromkeys(each.get(name, DEFAULT) for each in chosen))}" for name in names]
