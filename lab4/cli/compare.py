"""``lab4 compare``: machines, revisions or environments side by side."""

from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from lab4.cli.commands import Command
from lab4.cli.shared import LAST_RUNS, declare_history
from lab4.domain.errors import Lab4Error
from lab4.domain.text import printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lab4.analysis.pivot import ComparedSide
    from lab4.domain.figures import RunFigures
    from lab4.domain.identity import RunIdentity


def _declare(parser: ArgumentParser) -> None:
    parser.add_argument(
        "runs",
        nargs="*",
        metavar="[NAME=]RUN",
        help="a run, or a folder of runs that count as one side; a single folder has a side for each of its machines",
    )
    declare_history(parser)
    parser.add_argument(
        "--last",
        type=int,
        metavar="N",
        help=f"with --history, and without a RUN: its last N runs (default: {LAST_RUNS}), a side for each machine",
    )
    parser.add_argument(
        "--by",
        default="machine,device",
        metavar="AXIS[,AXIS]",
        help="what gives the columns: machine, device, model, technique, format, runtime, batch, threads or settings "
        "(default: machine and device); all else that cells differ in gives the rows",
    )
    parser.add_argument("--to", metavar="NAME", help="the column that the others are divided by (default: the first)")
    parser.add_argument(
        "--figure",
        action="append",
        help="a figure to compare, such as latency; may be given again (default: those that the reference of figures "
        "marks, and all metrics)",
    )
    parser.add_argument("--markdown", action="store_true", help="print Markdown")


def _run(arguments: Namespace) -> int:
    from lab4.analysis.side_by_side import side_by_side
    from lab4.cli.shared import columns
    from lab4.report.comparison import as_json, as_markdown, text

    if arguments.json and arguments.markdown:
        raise Lab4Error("--json and --markdown are two ways to print the same; leave out one of them")
    sides = _sides(arguments)
    names = [each.name for each in sides]
    if len(set(names)) < len(names):
        raise Lab4Error(f"two runs are called {next(n for n in names if names.count(n) > 1)!r}; name them: NAME=RUN")
    _note_doubts(sides)
    by = list(dict.fromkeys(axis.strip() for axis in arguments.by.split(",")))
    found = side_by_side(sides, by, arguments.figure or (), printable(arguments.to or ""))
    print(as_json(found) if arguments.json else as_markdown(found) if arguments.markdown else text(found, columns()))
    return 0


def _note_doubts(sides: "Sequence[ComparedSide]") -> None:
    """Note where runs are not what they seem: one is on two sides, or may be of another machine than its side's."""
    from lab4.cli.shared import note
    from lab4.domain.identity import identity

    seen: dict[RunIdentity, tuple[str, str]] = {}
    for side in sides:
        for run in side.runs:
            name, source = seen.setdefault(identity(run), (side.name, run.source))
            if name != side.name:
                note(f"{run.source} of {side.name} is the same run as {source} of {name}: it is compared with itself")
        lacking = next((run for run in side.runs if not run.machine.is_identified), None)
        if lacking is not None and len(side.runs) > 1:
            lacks = f"{lacking.source} has no {' and no '.join(lacking.machine.missing_facts)}"
            note(f"the runs of {side.name} may be of several machines: {lacks}")


def _sides(arguments: Namespace) -> "list[ComparedSide]":
    """The sides: those that are named, or the machines of a single folder or of a history."""
    from lab4.cli.shared import note
    from lab4.reading.runs import runs_at

    if arguments.runs and (arguments.history is not None or arguments.last is not None):
        raise Lab4Error("--history and --last take the place of files; leave out one of them")
    if not arguments.runs:
        return _by_machine(_of_history(arguments))
    name, path = _named(arguments.runs[0])
    if len(arguments.runs) == 1 and not name and path.is_dir():
        runs = runs_at([path], note)
        several = _by_machine(runs)
        return several if len(several) > 1 else [_side_of(name, path, runs)]
    return [_side_of(name, path, runs_at([path], note)) for name, path in map(_named, arguments.runs)]


def _of_history(arguments: Namespace) -> "list[RunFigures]":
    from contextlib import closing

    from lab4.cli.shared import last_runs, note
    from lab4.reading.store import opened

    if arguments.history is None and arguments.last is None:
        raise Lab4Error("name the runs to compare, such as laptop/run.json server/run.json, or a --history")
    last = last_runs(arguments.last)
    with closing(opened(arguments.history, note, read_only=True)) as store:
        runs = store.runs(last)
    if not runs:
        raise Lab4Error(f"there is no run in {store.name}; add one with: lab4 history add lab4-results/run.json")
    return runs


def _by_machine(runs: "Sequence[RunFigures]") -> "list[ComparedSide]":
    """A side for each machine, by its name."""
    from lab4.analysis.observations import machine_names, machine_of
    from lab4.analysis.pivot import ComparedSide

    return [
        ComparedSide(printable(name), [run for run in runs if machine_of(run) == machine])
        for machine, name in machine_names(runs).items()
    ]


def _side_of(name: str, path: Path, runs: "list[RunFigures]") -> "ComparedSide":
    from lab4.analysis.pivot import ComparedSide

    if not runs:
        raise Lab4Error(f"there is no run in {path}; measure one with: pytest benchmarks")
    # A file is mostly called run.json: its folder says more.
    own = path.name if path.is_dir() else (path.parent.name if path.stem == "run" and path.parent.name else path.stem)
    return ComparedSide(printable(name or own), runs)


def _named(written: str) -> tuple[str, Path]:
    """The name, empty where there is none, and the path; one that exists as it is written has no name before it."""
    name, named, place = written.partition("=")
    return ("", Path(written)) if not named or Path(written).exists() else (name, Path(place))


COMPARE = Command(
    "put machines, revisions or environments side by side",
    _declare,
    _run,
    ("lab4 compare laptop/run.json server/run.json", "lab4 compare fleet/ --by machine"),
)
