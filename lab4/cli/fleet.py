"""``lab4 fleet``: measure on every machine of a Ray cluster, into one history."""

import sys
from argparse import ArgumentParser, Namespace
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from lab4.cli.commands import Command
from lab4.cli.shared import answer, declare_history, terminal_columns
from lab4.domain.passwords import masked
from lab4.domain.text import counted, printable

if TYPE_CHECKING:
    from lab4.fleet.state import FleetState, MachineState

_OUTPUT = Path("lab4-fleet")
#: What is measured unless pytest's arguments are given.
_ARGUMENTS = ("benchmarks",)


def _declare(parser: ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    run = actions.add_parser("run", help="measure on every node, or go on where that ended", description=_run.__doc__)
    run.add_argument(
        "--address",
        metavar="ADDRESS",
        help="ray://HOST:10001, or HOST:6379 on one of its machines (default: this machine)",
    )
    declare_history(run)
    run.add_argument(
        "--shared-cache",
        default="",
        metavar="URL",
        help="where nodes leave artifacts for each other, file:///FOLDER or s3://BUCKET/FOLDER (default: through Ray)",
    )
    run.add_argument(
        "arguments", nargs="*", metavar="-- PYTEST ARGUMENTS", help="what is measured (default: benchmarks)"
    )
    status = actions.add_parser("status", help="show who measures what", description=_status.__doc__)
    for action in (run, status):
        action.add_argument(
            "-o",
            "--output",
            type=Path,
            default=_OUTPUT,
            metavar="DIR",
            help=f"the driver's folder (default: {_OUTPUT})",
        )


def _show(sentence: str) -> None:
    print(f"lab4: {printable(masked(sentence))}", file=sys.stderr, flush=True)


def _run(arguments: Namespace) -> int:
    """Build what is measured once, measure it on every node, and add each cell to a history as it ends."""
    from lab4.fleet.driver import FleetRequest, run_fleet

    request = FleetRequest(
        tuple(arguments.arguments) or _ARGUMENTS,
        arguments.address,
        arguments.history,
        arguments.output,
        arguments.shared_cache,
    )
    report = run_fleet(request, _show)
    place = printable(str(report.output / "machines"))
    last = f"{counted(len(report.machines), 'machine')} in {printable(report.history)}; the runs are in {place}"
    lines = [*map(printable, report.outliers), last]
    plain = {
        "history": report.history,
        "machines": [_plain(each) for each in report.machines],
        "outliers": list(report.outliers),
    }
    answer(arguments, "\n".join(lines), plain)
    return 0


def _plain(machine: "MachineState") -> dict[str, object]:
    return {**asdict(machine), "planned": len(machine.planned)}


def _status(arguments: Namespace) -> int:
    """Show what each machine does, and how much it has done."""
    from lab4.domain.errors import Lab4Error
    from lab4.fleet.state import read_state
    from lab4.storage.folders import is_owned

    state = read_state(arguments.output)
    if state is None:
        raise Lab4Error(f"there is no run of a fleet in {arguments.output}; start one with lab4 fleet run")
    is_running = is_owned(arguments.output)
    plain = {
        "running": is_running,
        "ended": state.ended,
        "history": state.history,
        "built": len(state.built),
        "builds": state.builds,
        "machines": [_plain(each) for each in state.machines],
    }
    answer(arguments, "\n".join(_status_lines(state, is_running=is_running)), plain)
    return 0


def _status_lines(state: "FleetState", *, is_running: bool) -> list[str]:
    from lab4.report.columns import fitted

    how = "has ended" if state.ended else "goes on" if is_running else "was interrupted; run the same command to go on"
    lines = [
        f"the run {how}",
        f"{len(state.built)} of {counted(state.builds, 'part')} built; the history is {printable(state.history)}",
    ]
    if not state.machines:
        return lines
    rows = [("Machine", "Kind", "Cells", "State", "Since (UTC)")]
    rows += [
        (printable(each.name), printable(each.kind), f"{each.done}/{len(each.planned)}", each.state, each.since[11:19])
        for each in state.machines
    ]
    problems = [printable(f"{each.name}: {each.problem}") for each in state.machines if each.problem]
    return [
        *lines,
        "",
        *fitted(rows, terminal_columns(), right={2}, ruled=True),
        *([""] if problems else []),
        *problems,
    ]


_ACTIONS = {"run": _run, "status": _status}

FLEET = Command(
    "measure on every machine of a Ray cluster",
    _declare,
    lambda arguments: _ACTIONS[arguments.action](arguments),
    (
        "lab4 fleet run -- benchmarks --lab4-profile quick",
        "lab4 fleet run --address ray://head:10001 --history postgresql://lab4@db/lab4 -- benchmarks -m inference",
        "lab4 fleet status",
    ),
)
