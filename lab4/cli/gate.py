"""``lab4 gate``: whether a run is worse than those before it; ``lab4 gate bless`` accepts what is meant."""

from argparse import ArgumentParser, Namespace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from lab4.cli.command import Command
from lab4.cli.gate_outputs import REPORTS, report, report_unjudged
from lab4.cli.shared import declare_assumption, declare_history, given_text, note
from lab4.domain.errors import Lab4Error
from lab4.domain.text import printable

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
_CALIBRATION_RUNS = 6
_ROUNDS = 24


def _declare(parser: ArgumentParser) -> None:
    parser.epilog = _EXIT_CODES
    parser.add_argument(
        "runs", nargs="*", metavar="CANDIDATE", help="run.json of the candidate, or several; or: bless CANDIDATE..."
    )
    parser.add_argument(
        "--baseline", nargs="+", type=Path, default=[], metavar="RUN", help="runs to compare with, or folders of runs"
    )
    declare_history(parser)
    parser.add_argument("--last", type=int, metavar="N", help="the last N runs of this machine in the history")
    parser.add_argument(
        "--cells",
        type=partial(given_text, "--cells"),
        metavar="PATTERNS",
        help="measure and judge only cells like these (patterns with * and ?, separated by commas)",
    )
    parser.add_argument("--cross-machine", action="store_true", help="judge ratios to float32 across machines")
    declare_assumption(parser)
    parser.add_argument("--in-turns", action="store_true", help="the runs were measured in turns (by --against)")
    parser.add_argument("--first-run-ok", action="store_true", help="exit 0, not 3, where there is no baseline yet")
    parser.add_argument("--policy", type=Path, metavar="FILE", help="file with [tool.lab4.gate] (pyproject.toml)")
    parser.add_argument("--blessings", type=Path, metavar="FILE", help="accepted changes (lab4-blessings.jsonl)")
    parser.add_argument("--all", action="store_true", help="show figures that are the same as well")
    for name in REPORTS:
        parser.add_argument(f"--{name}", type=Path, metavar="FILE", help=f"write the verdicts as {name} too")
    _declare_measuring(parser)
    bless = parser.add_argument_group("bless")
    bless.add_argument("--figure", default="*", help="accept changes of this figure only")
    reason = partial(given_text, "--reason")
    bless.add_argument("--reason", type=reason, help="why the change is meant; it is kept in the file of blessings")


def _declare_measuring(parser: ArgumentParser) -> None:
    now = parser.add_argument_group("measuring now, in place of a CANDIDATE")
    one = now.add_mutually_exclusive_group()
    one.add_argument("--against", metavar="REV", help="measure this checkout and a git revision in turns (A B B A)")
    one.add_argument("--against-env", type=Path, metavar="PYTHON", help="measure this environment and another in turns")
    one.add_argument(
        "--calibrate",
        type=int,
        nargs="?",
        const=_CALIBRATION_RUNS,
        metavar="RUNS",
        help=f"measure RUNS times (default: {_CALIBRATION_RUNS}) with nothing changed, add them to the history, and "
        "tell the gate's false alarms and what it can see here",
    )
    now.add_argument("--confirm", action="store_true", help="measure cells that come out worse again before they stop")
    now.add_argument("--rounds", type=int, default=_ROUNDS, metavar="N", help=f"of turns at most (default: {_ROUNDS})")
    now.add_argument("--pytest", metavar="ARGUMENTS", help="what to measure (default: a quick run of inference)")
    now.add_argument("--runs", dest="kept", type=Path, metavar="DIR", help="keep the runs here (lab4-results/gate)")


def _run(arguments: Namespace) -> int:
    try:
        return _gate(arguments)
    except (Lab4Error, KeyboardInterrupt) as error:
        if arguments.runs[:1] != [_BLESS]:  # which writes no reports
            why = error if isinstance(error, Lab4Error) else Lab4Error("interrupted before a verdict")
            report_unjudged(arguments, why)
        raise


def _gate(arguments: Namespace) -> int:
    measuring = [name for name in ("against", "against_env", "calibrate") if getattr(arguments, name) is not None]
    if measuring or arguments.confirm:
        from lab4.cli import gate_measuring

        gate_measuring.check(arguments)
    if measuring:
        return int(gate_measuring.run(arguments))
    return _judge_saved(arguments)


def _judge_saved(arguments: Namespace) -> int:
    from datetime import date

    from lab4.analysis.gate.first_run import judge_first
    from lab4.analysis.gate.judge import judge
    from lab4.cli.project import ledger_of, policy_of
    from lab4.history.blessings import read_blessings

    blesses = arguments.runs[:1] == [_BLESS]
    paths = [Path(each) for each in arguments.runs[blesses:]]
    if blesses and not paths:
        raise Lab4Error("name the candidate: lab4 gate bless CANDIDATE --baseline RUN --reason WHY")
    if not paths:
        raise Lab4Error("name the candidate, such as lab4-results/run.json; or measure now, with --against REV")
    if blesses and not (arguments.reason or "").strip():
        raise Lab4Error("--reason is missing: say why the change is meant, for those who find it later")
    policy = policy_of(arguments)
    ledger = ledger_of(arguments)
    blessings = read_blessings(ledger)
    candidates, baselines, everything = _sides(arguments, paths)
    if not baselines:
        first = judge_first(candidates, policy, ok=arguments.first_run_ok)
        return report(arguments, _beside(arguments, first, policy, candidates, everything))
    again = None
    if arguments.confirm and not blesses:
        from lab4.cli.gate_measuring import measuring_again

        again = measuring_again(arguments, candidates[-1].settings.profile)
    gate = judge(
        candidates,
        baselines,
        policy,
        today=date.today(),  # noqa: DTZ011  # the day where people are
        blessings=blessings,
        cross_machine=arguments.cross_machine,
        assume_same_machine=arguments.assume_same_machine,
        again=again,
        paired=arguments.in_turns,
    )
    if blesses:
        return _bless(arguments, gate, candidates, ledger)
    return report(arguments, _beside(arguments, gate, policy, candidates, everything))


def _beside(
    arguments: Namespace,
    gate: "Gate",
    policy: "Policy",
    candidates: "Sequence[RunFigures]",
    everything: "Sequence[RunFigures]",
) -> "Gate":
    """The gate with what its policy asks beside what was selected."""
    from lab4.analysis.gate.beside_selection import beside_selection
    from lab4.analysis.gate.idle_rules import with_idle_rules

    gate = with_idle_rules(gate, policy, everything)
    selects = arguments.cells is not None or arguments.in_turns  # those runs are of inference, if nothing else is asked
    return beside_selection(gate, candidates, everything) if selects else gate


def _sides(
    arguments: Namespace, paths: "Sequence[Path]"
) -> "tuple[list[RunFigures], list[RunFigures], list[RunFigures]]":
    """The candidates and the baselines, of the cells that are selected; and the candidates with all of their cells."""
    from lab4.analysis.gate.selected import only
    from lab4.domain.identity import distinct, identity
    from lab4.reading.runs import baselines_at, runs_at

    candidates = runs_at(paths, note)
    if not candidates:
        raise Lab4Error(f"there is no run in {', '.join(map(str, paths))}; measure one with: pytest benchmarks")
    baselines = baselines_at(arguments.baseline, note)
    if arguments.last is not None or arguments.history is not None:
        baselines = distinct([*_remembered(arguments, candidates[-1]), *baselines], note)
    # A folder or history may hold the candidate as well.
    own = {identity(run) for run in candidates}
    others = [run for run in baselines if identity(run) not in own]
    if baselines and not others:
        note("the baseline has no run but the candidate itself")
    everything = candidates
    if arguments.cells is not None and arguments.runs[0] != _BLESS:  # what is blessed is chosen from all verdicts
        candidates, others = only(arguments.cells, candidates, others)
    return candidates, others, everything


def _remembered(arguments: Namespace, candidate: "RunFigures") -> "list[RunFigures]":
    """The last runs of the history that are of the candidate's machine and profile; else the last of whatever it is."""
    from lab4.domain.identity import identity
    from lab4.reading.store import opened

    last = _LAST if arguments.last is None else arguments.last
    if last < 1:
        raise Lab4Error(f"--last {last}: name a positive number")
    store = opened(arguments.history, note, read_only=True)
    try:
        # One more: the candidate may be in it.
        own = store.runs(last + 1, candidate.machine.hardware_id, candidate.settings.profile)
        return [run for run in own if identity(run) != identity(candidate)][-last:] or store.runs(last)
    finally:
        store.close()


def _bless(arguments: Namespace, gate: "Gate", candidates: "Sequence[RunFigures]", ledger: Path) -> int:
    from lab4.analysis.gate.blessings import blessings_of
    from lab4.analysis.gate.policy import Rule
    from lab4.environment import user_name
    from lab4.history.blessings import add_blessings

    rule = Rule(arguments.cells or "*", arguments.figure)
    found = blessings_of(gate.judged, candidates, rule, arguments.reason, user_name(), paired=arguments.in_turns)
    if not found:
        raise Lab4Error("there is nothing to bless: no worse or missing figure is like --cells and --figure")
    add_blessings(ledger, found, note)
    for each in found:
        print(f"blessed: {each.figure} of {each.cell}")
    print(f"{printable(str(ledger))}: commit it with the change")
    return 0


GATE = Command("stop a run that is worse than its baseline", _declare, _run)
