"""``lab4 history``: keep the runs of a project, and follow its figures."""

from argparse import ArgumentParser, Namespace
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from lab4.cli.commands import Command
from lab4.cli.shared import answer, columns, declare_assumption, declare_history, note, terminal_columns
from lab4.domain.errors import Lab4Error, RecordError
from lab4.domain.text import counted, printable

if TYPE_CHECKING:
    from lab4.history.store import HistoryEntry, Store


def _declare(parser: ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    for name, (text, _) in _ACTIONS.items():
        action = actions.add_parser(name, help=text, description=text)
        declare_history(action)
        if name in {"add", "import"}:
            action.add_argument("files", nargs="+", type=Path, metavar="FILE")
        if name in {"show", "export"}:
            action.add_argument("number", type=int, metavar="NUMBER", help="the number in: lab4 history list")
        if name == "export":
            action.add_argument("-o", "--output", type=Path, required=True, metavar="FILE")
        if name == "list":
            action.add_argument("--last", type=int, metavar="N", help="only the last N")
        if name == "prune":
            keep = "runs to keep of each machine, and of each kind of hardware"
            action.add_argument("--keep", type=int, required=True, metavar="N", help=keep)
        if name == "trend":
            action.add_argument("cells", nargs="*", metavar="CELL", help="cells or patterns (default: all)")
            action.add_argument("--figure", default="latency", help="the figure to follow (default: latency)")
            declare_assumption(action)


def _opened(arguments: Namespace, *, read_only: bool = True) -> "closing[Store]":
    from lab4.reading.store import opened

    return closing(opened(arguments.history, note, read_only=read_only))


def _add(arguments: Namespace) -> int:
    from lab4.reading.runs import json_files

    files = json_files(arguments.files)
    if not files:
        raise Lab4Error(f"there is no JSON file in {', '.join(map(str, arguments.files))}")
    several = any(path.is_dir() for path in arguments.files)
    with _opened(arguments, read_only=False) as store:
        found = {str(path): number for path in files if (number := _add_file(store, path, several=several)) is not None}
        lines = [f"{printable(path)}: {_added(number)}" for path, number in found.items()]
        added = [number for number in found.values() if number]
        plain = {"history": store.name, "added": {path: number or None for path, number in found.items()}}
        answer(arguments, "\n".join([*lines, f"{len(added)} added to {printable(store.name)}"]), plain)
    return 0


def _added(number: int) -> str:
    return f"added as {number}" if number else "already there"


def _add_file(store: "Store", path: Path, *, several: bool) -> int | None:
    """The number that the file was added as, 0 where it is there already; ``None`` for a bad one among ``several``."""
    from lab4.history.json_text import read_bytes
    from lab4.reading.store import add_document

    try:
        number = add_document(store, read_bytes(path), str(path))
    except RecordError as error:
        if not several:
            raise
        note(f"skipped: {error}")
        return None
    return number or 0


def _list(arguments: Namespace) -> int:
    from lab4.report.columns import wrapped

    if arguments.last is not None and arguments.last < 1:
        raise Lab4Error(f"--last {arguments.last}: name a positive number")
    with _opened(arguments) as store:
        entries = store.entries(arguments.last)
    if not entries:
        note(f"{store.name} is empty; add a run with: lab4 history add run.json")
    if entries or arguments.json:
        lines = wrapped(map(_entry_line, entries), terminal_columns())
        answer(arguments, "\n".join(lines), {"runs": [asdict(each) for each in entries]})
    return 0


def _entry_line(each: "HistoryEntry") -> str:
    state = "" if each.complete else "  interrupted"
    revision = printable((each.revision or "no revision")[:12])
    return f"{each.number:6}  {each.started_at[:19]}  {each.hardware}  {revision:12}  {each.cells:4} cells{state}"


def _show(arguments: Namespace) -> int:
    from lab4.report.histories import plain_run, run_text

    with _opened(arguments) as store:
        run = store.run(arguments.number)
    answer(arguments, run_text(run, columns()), plain_run(run))
    return 0


def _export(arguments: Namespace) -> int:
    from lab4.storage.atomic import write_atomically

    with _opened(arguments) as store:
        write_atomically(arguments.output, store.document(arguments.number))
    answer(arguments, printable(str(arguments.output)), {"written": [str(arguments.output)]})
    return 0


def _prune(arguments: Namespace) -> int:
    from lab4.reading.store import remove_entries

    if arguments.keep < 1:
        raise Lab4Error(f"--keep {arguments.keep}: name a positive number")
    with _opened(arguments, read_only=False) as store:
        nodes = {number: run.machine.node for number, run in store.heads()}
        old = _older(store.entries(), nodes, arguments.keep)
        remove_entries(store, old)
        text = f"{counted(len(old), 'run')} removed from {printable(store.name)}"
        answer(arguments, text, {"history": store.name, "removed": [each.number for each in old]})
    return 0


def _older(entries: Sequence["HistoryEntry"], nodes: Mapping[int, str], keep: int) -> "list[HistoryEntry]":
    """The entries that are neither of the last of their machine nor of the last of its hardware.

    A name with a single run is no machine of its own: containers have a new one each time.
    """
    kept: set[int] = set()
    of_hardware, of_machine = defaultdict[str, list[int]](list), defaultdict[tuple[str, str], list[int]](list)
    for each in entries:
        of_hardware[each.hardware].append(each.number)
        of_machine[nodes.get(each.number, ""), each.hardware].append(each.number)
    for runs in (*of_hardware.values(), *(runs for runs in of_machine.values() if len(runs) > 1)):
        kept |= set(runs[-keep:])
    return [each for each in entries if each.number not in kept]


def _trend(arguments: Namespace) -> int:
    from lab4.analysis.figures import FIGURES
    from lab4.analysis.side_by_side import figure_named
    from lab4.analysis.trend import NamedFigure, trends_of
    from lab4.domain.catalogue import merged
    from lab4.domain.machine import is_identified_id
    from lab4.reading.store import samples_of
    from lab4.report.histories import trend_json, trend_text

    with _opened(arguments) as store:
        # The last run has what is asked for, nearly always: the others are many.
        catalogue = merged(run.catalogue for run in store.runs(last=1))
        if arguments.figure not in {*FIGURES, *catalogue.metrics}:
            catalogue = merged(run.catalogue for _, run in store.heads())
        figure = NamedFigure(arguments.figure, figure_named(arguments.figure, catalogue))
        samples = {cell: samples_of(store, cell) for cell in _chosen(arguments.cells, store.cells())}
    unidentified = {each.number for own in samples.values() for each in own if not is_identified_id(each.hardware)}
    trends, common = trends_of(figure, samples, assume_same_machine=arguments.assume_same_machine)
    if unidentified:
        _note_unidentified(len(unidentified), assumed=arguments.assume_same_machine)
    print(trend_json(trends, common) if arguments.json else trend_text(trends, common, terminal_columns()))
    return 0


def _note_unidentified(count: int, *, assumed: bool) -> None:
    from lab4.analysis.machines import ASSUME_OPTION

    lack = f"{count} runs have no CPU model or no number of cores"
    apart = f"{lack}, so each counts as a machine of its own; to follow them together, use {ASSUME_OPTION}"
    note(f"{ASSUME_OPTION}: {lack}; those of one name are taken as one machine" if assumed else apart)


def _chosen(patterns: list[str], cells: list[str]) -> list[str]:
    from lab4.domain.pattern import is_like

    chosen = [cell for cell in cells if not patterns or any(is_like(cell, pattern) for pattern in patterns)]
    if not chosen:
        known = f"it has {cells[0]} and {len(cells) - 1} more" if cells else "it is empty"
        raise Lab4Error(f"no cell of the history matches {' or '.join(patterns) or 'that'}; {known}")
    return chosen


_ACTIONS: dict[str, tuple[str, Callable[[Namespace], int]]] = {
    "add": ("add runs that the history does not have", _add),
    "list": ("list the runs, oldest first", _list),
    "show": ("show a run's figures", _show),
    "import": ("add files that plain pytest-benchmark saved, or folders of them", _add),
    "export": ("write a run's file again", _export),
    "prune": ("remove old runs", _prune),
    "trend": ("find changes of a cell's figure over the history", _trend),
}

HISTORY = Command(
    "keep runs, and find changes over time",
    _declare,
    lambda arguments: _ACTIONS[arguments.action][1](arguments),
    (
        "lab4 history add lab4-results/run.json",
        "lab4 history list --last 20",
        "lab4 history show 3",
        "lab4 history import .benchmarks/Linux-CPython-3.11-64bit",
        "lab4 history export 3 -o run.json",
        "lab4 history prune --keep 100",
        'lab4 history trend "cnn-*-tflite_int8"',
    ),
)
