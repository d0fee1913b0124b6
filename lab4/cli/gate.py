"""``lab4 gate``: whether a run is worse than those before it; ``lab4 gate bless`` accepts what is meant."""

import os
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from lab4.cli.command import Command
from lab4.cli.histories import declare_history, note, opened
from lab4.domain.errors import Lab4Error

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lab4.analysis.gate.policy import Policy
    from lab4.analysis.gate.verdict import Gate
    from lab4.domain.figures import RunFigures

__all__ = ["GATE"]

_BLESS = "bless"
#: Runs of the history that a candidate is judged against.
_LAST = 20
_EXIT_CODES = (
    "exit codes: 0 passed; 1 a regression, or something is missing; 2 cannot judge (another machine, too few runs, "
    "an interrupted or damaged run); 3 no baseline yet"
)


def _declare(parser: ArgumentParser) -> None:
    parser.epilog = _EXIT_CODES
    parser.add_argument(
        "runs", nargs="+", metavar="CANDIDATE", help="run.json of the candidate, or several; or: bless CANDIDATE..."
    )
    parser.add_argument(
        "--baseline", nargs="+", type=Path, default=[], metavar="RUN", help="runs to compare with, or folders of runs"
    )
    declare_history(parser)
    parser.add_argument("--last", type=int, metavar="N", help="the last N runs of this machine in the history")
    parser.add_argument("--cells", metavar="PATTERN", help="judge only cells like this (with * and ?)")
    parser.add_argument("--cross-machine", action="store_true", help="judge ratios to float32 across machines")
    parser.add_argument("--first-run-ok", action="store_true", help="exit 0, not 3, where there is no baseline yet")
    parser.add_argument("--policy", type=Path, metavar="FILE", help="file with [tool.lab4.gate] (pyproject.toml)")
    parser.add_argument("--blessings", type=Path, metavar="FILE", help="accepted changes (lab4-blessings.jsonl)")
    parser.add_argument("--all", action="store_true", help="show figures that are the same as well")
    for name in ("json", "junit", "markdown"):
        parser.add_argument(f"--{name}", type=Path, metavar="FILE", help=f"write the verdicts as {name} too")
    bless = parser.add_argument_group("bless")
    bless.add_argument("--figure", default="*", help="accept changes of this figure only")
    bless.add_argument("--reason", help="why the change is meant; stays in the file of blessings")


def _run(arguments: Namespace) -> int:
    from datetime import date

    from lab4.analysis.gate.judge import judge
    from lab4.analysis.gate.policy_table import policy_of
    from lab4.history.blessings import BLESSINGS_FILE, read_blessings
    from lab4.history.project_file import tool_table

    blesses = arguments.runs[0] == _BLESS
    paths = [Path(each) for each in arguments.runs[blesses:]]
    if not paths:
        raise Lab4Error("name the candidate: lab4 gate bless CANDIDATE --baseline RUN --reason WHY")
    if blesses and not (arguments.reason or "").strip():
        raise Lab4Error("--reason is missing: say why the change is meant, for those who find it later")
    if arguments.policy is not None and not arguments.policy.is_file():
        raise Lab4Error(f"--policy: there is no file {arguments.policy}")
    policy = policy_of(tool_table(arguments.policy or Path("pyproject.toml")).get("gate", {}))
    ledger = arguments.blessings or BLESSINGS_FILE
    blessings = read_blessings(ledger)
    candidates, baselines = _sides(arguments, paths)
    if not baselines:
        return _no_baseline(arguments, candidates, policy)
    gate = judge(
        candidates,
        baselines,
        policy,
        today=date.today(),  # noqa: DTZ011  # the day where people are
        blessings=blessings,
        cross_machine=arguments.cross_machine,
    )
    if blesses:
        return _bless(arguments, gate, candidates, ledger)
    _report(arguments, gate)
    return int(gate.exit_code)


def _sides(arguments: Namespace, paths: "Sequence[Path]") -> "tuple[list[RunFigures], list[RunFigures]]":
    from lab4.analysis.figures import figures_of
    from lab4.analysis.gate.selected import only
    from lab4.history.run_files import read_runs

    candidates = [figures_of(run) for run in read_runs(paths, note)]
    if not candidates:
        raise Lab4Error(f"there is no run in {', '.join(map(str, paths))}; measure one with: pytest benchmarks")
    there = [path for path in arguments.baseline if path.exists()]
    for path in arguments.baseline:
        if path not in there:
            note(f"there is no baseline at {path}")
    baselines = [figures_of(run) for run in read_runs(there, note)]
    if arguments.last is not None or arguments.history is not None:
        baselines = [*_remembered(arguments, candidates[-1]), *baselines]
    # A folder or history may hold the candidate as well.
    own = {(run.started_at, run.machine.node) for run in candidates}
    others = [run for run in baselines if (run.started_at, run.machine.node) not in own]
    if baselines and not others:
        note("the baseline has no run but the candidate itself")
    if arguments.cells is not None:
        candidates, others = only(arguments.cells, candidates, others)
    return candidates, others


def _remembered(arguments: Namespace, candidate: "RunFigures") -> "list[RunFigures]":
    """The last runs of the history; those of the candidate's machine, if it has any, else whatever there is."""
    last = _LAST if arguments.last is None else arguments.last
    if last < 1:
        raise Lab4Error(f"--last {last}: name a positive number")
    store = opened(arguments.history)
    try:
        # One more: the candidate may be in it.
        own = store.runs(last + 1, candidate.machine.hardware_id)
        return [run for run in own if run.started_at != candidate.started_at][-last:] or store.runs(last)
    finally:
        store.close()


def _no_baseline(arguments: Namespace, candidates: "Sequence[RunFigures]", policy: "Policy") -> int:
    """A first run: budgets are judged all the same, they need no baseline."""
    from lab4.analysis.gate.budgets import judge_budgets
    from lab4.analysis.gate.verdict import ExitCode, Gate

    note = "no baseline: only budgets were judged; save this run and give it as --baseline next time"
    gate = Gate(judge_budgets(candidates, policy), [note], (), [run.source for run in candidates])
    _report(arguments, gate)
    if gate.exit_code is not ExitCode.PASSED or arguments.first_run_ok:
        return int(gate.exit_code)
    return int(ExitCode.NO_BASELINE)


def _report(arguments: Namespace, gate: "Gate") -> None:
    from lab4.report.gate.markdown import annotations
    from lab4.report.gate.text import render

    for name in ("json", "junit", "markdown"):
        if getattr(arguments, name) is not None:
            _write(arguments, name, gate)
    print(render(gate, everything=arguments.all))
    if os.environ.get("GITHUB_ACTIONS") == "true" and annotations(gate):
        print(annotations(gate))


def _write(arguments: Namespace, name: str, gate: "Gate") -> None:
    from lab4.history.files import write_atomically
    from lab4.report.gate import GATE_REPORTS

    write_atomically(getattr(arguments, name), GATE_REPORTS[name](gate).encode())


def _bless(arguments: Namespace, gate: "Gate", candidates: "Sequence[RunFigures]", ledger: Path) -> int:
    from getpass import getuser

    from lab4.analysis.gate.blessings import blessings_of
    from lab4.analysis.gate.policy import Rule
    from lab4.history.blessings import add_blessings

    rule = Rule(arguments.cells or "*", arguments.figure)
    found = blessings_of(gate.judged, candidates, rule, arguments.reason, getuser())
    if not found:
        raise Lab4Error("there is nothing to bless: no worse or missing figure is like --cells and --figure")
    add_blessings(ledger, found)
    for each in found:
        print(f"blessed: {each.figure} of {each.cell}")
    print(f"{ledger}: commit it with the change")
    return 0


GATE = Command("stop a run that is worse than its baseline", _declare, _run)
