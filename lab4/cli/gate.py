"""``lab4 gate``: whether a run is worse than its baseline; ``lab4 approve``: that a change is deliberate."""

import sys
from argparse import SUPPRESS, ArgumentParser, BooleanOptionalAction, Namespace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from lab4.cli.commands import Command
from lab4.cli.shared import (
    RenamedOption,
    answer,
    declare_assumption,
    declare_history,
    given_text,
    note,
    terminal_columns,
)
from lab4.domain.errors import Lab4Error
from lab4.domain.text import first_line, printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lab4.analysis.gate.verdict import GateResult
    from lab4.analysis.policy import Policy
    from lab4.analysis.release.machines import ReleaseMachine
    from lab4.analysis.release.verdict import ReleaseResult
    from lab4.domain.figures import RunFigures

#: `lab4 approve` before version 0.2: ``lab4 gate bless``.
_EARLIER_APPROVE = "bless"
#: Reports that an option of their name writes; by name, as `lab4 --help` must load none.
REPORTS = ("json", "junit", "markdown")
_EXIT_CODES = (
    "exit codes: 0 passed; 1 a regression, or something is missing; 2 cannot judge (another machine, too few runs, "
    "an interrupted or damaged run); 3 no baseline yet"
)
_CALIBRATION_RUNS = 6
_SIDES_MEASURED = ("--against", "--against-env")
#: Options that not all gates have a use for: the name of each in the arguments, and what has. ``saved`` are gates of
#: saved runs, and ``confirm`` those of them that have a second look.
_OF_MODES = {
    "--thorough": ("thorough", _SIDES_MEASURED),
    "--minutes": ("minutes", _SIDES_MEASURED),
    "--spreads": ("spreads", ("--calibrate",)),
    "--pytest": ("pytest", (*_SIDES_MEASURED, "--calibrate", "confirm")),
    "--runs": ("kept", (*_SIDES_MEASURED, "confirm")),
    "--confirm": ("confirm", (*_SIDES_MEASURED, "saved")),
    "--history": ("history", ("saved", "--calibrate")),
    "--interleaved": ("interleaved", ("saved",)),
    "--cross-machine": ("cross_machine", ("saved",)),
    "--assume-same-machine": ("assume_same_machine", ("saved",)),
    "--first-run-ok": ("first_run_ok", ("saved",)),
}
#: A report's file that is the command's own output.
_STDOUT = Path("-")
#: Every run's file has it, and no verdicts.
_OF_A_RUN = b'"machine_info"'


def _declare(parser: ArgumentParser) -> None:
    parser.epilog = _EXIT_CODES
    parser.add_argument(
        "runs",
        nargs="*",
        metavar="CANDIDATE",
        help="run.json of the candidate, or several, or folders; runs of several machines are judged as one release",
    )
    _declare_inputs(
        parser, "measure and judge only cells that match these patterns (with * and ?, separated by commas)"
    )
    parser.add_argument("--first-run-ok", action="store_true", help="exit 0, not 3, where there is no baseline yet")
    parser.add_argument("--all", action="store_true", help="show figures that are the same as well")
    for name in REPORTS:
        parser.add_argument(
            f"--{name}",
            type=Path,
            nargs="?",
            const=_STDOUT,
            metavar="FILE",
            help=f"write the verdicts as {name} too; -, or no file, prints them in place of the text",
        )
    _declare_measuring(parser)
    parser.add_argument("--figure", default="*", help=SUPPRESS)  # these two for `lab4 gate bless`
    parser.add_argument("--reason", type=partial(given_text, "--reason"), help=SUPPRESS)
    parser.set_defaults(all_machines=True)  # as the earlier name did


def _declare_measuring(parser: ArgumentParser) -> None:
    now = parser.add_argument_group("measuring now, in place of a CANDIDATE")
    one = now.add_mutually_exclusive_group()
    one.add_argument("--against", metavar="REV", help="measure this checkout and a git revision, interleaved")
    one.add_argument(
        "--against-env", type=Path, metavar="PYTHON", help="measure this environment and another, interleaved"
    )
    one.add_argument(
        "--calibrate",
        type=int,
        nargs="?",
        const=_CALIBRATION_RUNS,
        metavar="RUNS",
        help=f"measure unchanged code RUNS times (default: {_CALIBRATION_RUNS}), add the runs to the history, and "
        "report the gate's false alarms and the changes that it can detect here",
    )
    now.add_argument(
        "--spreads", type=Path, metavar="FILE", help="with --calibrate, write how much cells vary here, for the policy"
    )
    now.add_argument(
        "--confirm",
        action=BooleanOptionalAction,
        help="measure flagged cells again before they stop the gate (default with --against and --against-env)",
    )
    now.add_argument(
        "--thorough",
        action="store_true",
        help="go on until a change of 2%% would be seen, not 5%%, for an hour at most (a third more as with --minutes)",
    )
    now.add_argument(
        "--minutes",
        type=float,
        metavar="N",
        help="measure for so long at most (default: 15), and a third more what looks worse",
    )
    now.add_argument("--pytest", metavar="ARGUMENTS", help="what to measure (default: a quick run of inference)")
    now.add_argument("--runs", dest="kept", type=Path, metavar="DIR", help="keep the runs here (lab4-results/gate)")


def _declare_inputs(parser: ArgumentParser, cells_help: str) -> None:
    """Declare the options that say which runs to judge, and by which rules."""
    parser.add_argument(
        "--baseline", nargs="+", type=Path, default=[], metavar="RUN", help="runs to compare with, or folders of runs"
    )
    declare_history(parser)
    parser.add_argument("--last", type=int, metavar="N", help="the last N runs of this machine in the history")
    parser.add_argument("--cells", type=partial(given_text, "--cells"), metavar="PATTERNS", help=cells_help)
    parser.add_argument("--cross-machine", action="store_true", help="judge ratios to float32 across machines")
    declare_assumption(parser)
    parser.add_argument("--interleaved", action="store_true", help="the runs were interleaved (by --against)")
    parser.add_argument(
        "--in-turns", action=RenamedOption, current="--interleaved", dest="interleaved", nargs=0, const=True
    )
    parser.add_argument("--policy", type=Path, metavar="FILE", help="file with [tool.lab4.gate] (pyproject.toml)")
    parser.add_argument("--approvals", type=Path, metavar="FILE", help="approved changes (lab4-approvals.jsonl)")
    parser.add_argument("--blessings", action=RenamedOption, current="--approvals", dest="approvals", type=Path)


def _run(arguments: Namespace) -> int:
    from lab4.interrupts import block_interrupts

    if arguments.runs[:1] == [_EARLIER_APPROVE]:
        note("lab4 gate bless is now called lab4 approve; the next release does not know the old name")
        return _approve(Namespace(**{**vars(arguments), "runs": arguments.runs[1:]}))
    _keep_runs(arguments)
    try:
        gate, text = _gate(arguments)
    except BaseException as error:
        with block_interrupts():  # people press Ctrl-C again
            _report_failure(arguments, error)
        raise
    return _report(arguments, gate, text)


def _keep_runs(arguments: Namespace) -> None:
    """Refuse to write verdicts over a run: ``--json`` alone prints them, and what follows is taken for its file."""
    from lab4.history.json_text import read_bytes

    for name in REPORTS:
        path = getattr(arguments, name)
        if path not in {None, _STDOUT} and path.is_file() and _OF_A_RUN in read_bytes(path):
            raise Lab4Error(f"--{name} {path}: a run is in this file; name the candidate before --{name}")


def _gate(arguments: Namespace) -> "tuple[GateResult | ReleaseResult, str]":
    """The verdicts that are asked for, and what to print of them where that is not their table."""
    _check_mode(arguments)
    if arguments.calibrate is arguments.against is arguments.against_env is None:
        return _judged(arguments), ""
    from lab4.cli import gate_measuring

    gate_measuring.check(arguments)
    if arguments.calibrate is not None:
        return gate_measuring.calibrate(arguments)
    return gate_measuring.interleaved(arguments), ""


def _check_mode(arguments: Namespace) -> None:
    """Raise `Lab4Error` for an option that would be ignored by what is asked for: a run, or measuring now."""
    now = {"--against": arguments.against, "--against-env": arguments.against_env, "--calibrate": arguments.calibrate}
    mode = next((option for option, value in now.items() if value is not None), "")
    if mode and arguments.runs:
        raise Lab4Error(f"{mode} measures the candidate itself; leave out {' '.join(arguments.runs)}")
    if mode and (arguments.baseline or arguments.last is not None):
        raise Lab4Error(f"{mode} measures both sides itself; leave out --baseline and --last")
    ways = {mode} if mode else {"saved", *(("confirm",) if arguments.confirm else ())}
    for option, (name, modes) in _OF_MODES.items():
        if getattr(arguments, name) and not ways & set(modes):
            if not mode:
                raise Lab4Error(f"{option} is for measuring now, with {modes[0]}{' REV' if len(modes) > 1 else ''}")
            raise Lab4Error(f"{option} has no use with {mode}; leave it out")


def _report_failure(arguments: Namespace, error: BaseException) -> None:
    """Say it in the reports too, so that no file keeps an earlier pass, and who reads JSON is not left without."""
    from lab4.analysis.gate.verdict import failed_gate
    from lab4.interrupts import InterruptedWithRemark

    how = "interrupted" if isinstance(error, KeyboardInterrupt) else f"an error ({first_line(error)})"
    gate = failed_gate(error if isinstance(error, Lab4Error) else Lab4Error(f"{how} before a verdict"))
    for fault in _written(arguments, gate).values():
        note(fault)
    for shown in _on_stdout(arguments, gate):
        print(shown, flush=True)
    if isinstance(error, InterruptedWithRemark):
        note(str(error))


def _judged(arguments: Namespace) -> "GateResult | ReleaseResult":
    """The verdicts on saved runs of one machine, or of several: a release."""
    from lab4.analysis.cell_selection import like, only_cells, require_selected
    from lab4.analysis.gate.judge import judge_first_run
    from lab4.analysis.policy_scope import with_notes_on_policy, without_unselected_budgets
    from lab4.cli.gate_runs import baselines_of, candidates_of, machines_of, of_its_machine, refuse
    from lab4.cli.project import approvals_path, policy_of

    if arguments.confirm:
        from lab4.cli import gate_measuring

        gate_measuring.check(arguments)
    if not arguments.runs:
        raise Lab4Error("name the candidate, such as lab4-results/run.json; or measure now, with --against REV")
    policy = policy_of(arguments)
    everything, faults = candidates_of(arguments)
    known = baselines_of(arguments, everything)
    machines = machines_of(arguments, everything, known)
    if len(machines) > 1 and arguments.confirm:
        raise Lab4Error(
            f"--confirm measures on this machine, and the candidates are of {len(machines)} machines; leave it out"
        )
    approvals = approvals_path(arguments)
    if len(machines) > 1:
        return _judged_release(arguments, policy, approvals, machines, known, faults)
    refuse(faults)
    known = of_its_machine(arguments, machines, known)
    judge = _judging(arguments, policy, approvals)
    if arguments.cells is not None:
        require_selected(arguments.cells, everything, known)
    cells = like(arguments.cells, [*everything, *known])
    candidates = only_cells(everything, cells)
    if known:
        remeasure = gate_measuring.remeasuring(arguments, candidates[-1]) if arguments.confirm else None
        gate = judge(everything, known, remeasure=remeasure, cells=cells)
    else:
        gate = judge_first_run(candidates, policy, ok=arguments.first_run_ok)
    gate = with_notes_on_policy(gate, policy, everything)
    selects = arguments.cells is not None or arguments.interleaved  # interleaved runs measure inference by default
    return without_unselected_budgets(gate, candidates, everything) if selects else gate


def _judging(arguments: Namespace, policy: "Policy", approvals: Path) -> "partial[GateResult]":
    """`judge` with the policy, the approvals and the options; raises `Lab4Error` where the file cannot be read."""
    from datetime import date

    from lab4.analysis.gate.judge import judge
    from lab4.history.approvals import read_approvals

    return partial(
        judge,
        policy=policy,
        today=date.today(),  # noqa: DTZ011  # the user's day
        approvals=read_approvals(approvals),
        cross_machine=arguments.cross_machine,
        assume_same_machine=arguments.assume_same_machine,
        paired=arguments.interleaved,
    )


def _judged_release(  # noqa: PLR0913, PLR0917  # what a release is judged by
    arguments: Namespace,
    policy: "Policy",
    approvals: Path,
    machines: "Sequence[ReleaseMachine]",
    baselines: "Sequence[RunFigures]",
    faults: dict[str, str],
) -> "ReleaseResult":
    """The verdicts on runs of several machines."""
    from datetime import date

    from lab4.analysis.release.judge import ReleaseRules, judge_release
    from lab4.history.approvals import read_approvals

    rules = ReleaseRules(
        policy,
        date.today(),  # noqa: DTZ011  # the user's day
        read_approvals(approvals),
        arguments.assume_same_machine,
        getattr(arguments, "first_run_ok", False),
        arguments.cells,
    )
    return judge_release(machines, rules, baselines=baselines, faults=faults)


def _report(arguments: Namespace, gate: "GateResult | ReleaseResult", text: str) -> int:
    """Write the requested files, print the text or the verdicts, then what could not be written; the exit code."""
    from lab4.report.gate import code_of
    from lab4.report.gate.text import printed

    faults = _written(arguments, gate)
    shown = _on_stdout(arguments, gate)
    print("\n".join(shown) or text or printed(gate, everything=arguments.all, width=terminal_columns()), flush=True)
    for fault in faults.values():
        print(f"lab4: error: {printable(fault)}", file=sys.stderr)
    return int(code_of(gate, faults))


def _on_stdout(arguments: Namespace, gate: "GateResult | ReleaseResult") -> list[str]:
    """The reports that were asked for on standard output."""
    from lab4.report.gate import report_of

    return [report_of(gate, name) for name in REPORTS if getattr(arguments, name) == _STDOUT]


def _written(arguments: Namespace, gate: "GateResult | ReleaseResult") -> dict[str, str]:
    """Write the requested files; return, by report, why one could not be written."""
    from lab4.report.gate import write_reports

    paths = {name: getattr(arguments, name) for name in REPORTS}
    return write_reports(gate, {name: path for name, path in paths.items() if path not in {None, _STDOUT}})


def _declare_approve(parser: ArgumentParser) -> None:
    parser.add_argument("runs", nargs="*", metavar="CANDIDATE", help="run.json of the candidate, or several")
    _declare_inputs(parser, "approve changes of cells that match these patterns only (default: all)")
    parser.add_argument("--figure", default="*", help="approve changes of this figure only (default: all)")
    reason = partial(given_text, "--reason")
    parser.add_argument("--reason", type=reason, help="why the change is intended; recorded in the approvals file")
    parser.add_argument(
        "--all-machines", action="store_true", help="approve it on all machines (default: on the candidate's alone)"
    )


def _approve(arguments: Namespace) -> int:
    """Judge the candidate, and add its worse and missing figures to the approvals file; return the exit code."""
    from lab4.analysis.approvals import approvals_of, on_machine_of
    from lab4.analysis.gate.verdict import ExitCode
    from lab4.analysis.policy import PolicyRule
    from lab4.cli.gate_runs import baselines_of, candidates_of, machines_of, of_its_machine, refuse
    from lab4.cli.project import approvals_path, policy_of
    from lab4.environment import user_name
    from lab4.history.approvals import add_approvals

    if not arguments.runs:
        raise Lab4Error("name the candidate: lab4 approve CANDIDATE --baseline RUN --reason WHY")
    if not (arguments.reason or "").strip():
        raise Lab4Error("--reason is missing: say why the change is intended")
    path = approvals_path(arguments, is_new=True)
    policy = policy_of(arguments, note)
    candidates, faults = candidates_of(arguments)
    refuse(faults)
    baselines = baselines_of(arguments, candidates)
    if not baselines:
        note("there is no baseline yet, so that no change can be approved; name one with --baseline RUN or --last N")
        return int(ExitCode.NO_BASELINE)
    machines = machines_of(arguments, candidates, baselines)
    if len(machines) > 1:
        # What changed on all machines is approved on all; what changed on some, with the runs of each of those.
        release = _judged_release(arguments, policy, path, machines, baselines, {})
        verdicts = [each.verdict for each in release.verdicts if each.is_everywhere]
    else:
        baselines = of_its_machine(arguments, machines, baselines)
        verdicts = list(_judging(arguments, policy, path)(candidates, baselines).verdicts)
    rule = PolicyRule(arguments.cells or "*", arguments.figure)
    approved = approvals_of(verdicts, candidates, rule, arguments.reason, user_name(), paired=arguments.interleaved)
    if not approved:
        raise Lab4Error("there is nothing to approve: no worse or missing figure matches --cells and --figure")
    if len(machines) <= 1 and not arguments.all_machines:
        approved = [on_machine_of(each, candidates[-1]) for each in approved]
    add_approvals(path, approved, note)
    lines = [f"approved: {each.figure} of {each.cell} on {each.machine or 'all machines'}" for each in approved]
    plain = {
        "file": str(path),
        "approved": [{"cell": each.cell, "figure": each.figure, "machine": each.machine} for each in approved],
    }
    answer(arguments, "\n".join([*lines, f"{printable(str(path))}: commit it with the change"]), plain)
    return 0


GATE = Command(
    "stop a run that is worse than its baseline",
    _declare,
    _run,
    ("lab4 gate --against origin/main", "lab4 gate lab4-results/run.json --last 20 --markdown summary.md"),
)
APPROVE = Command(
    "approve a deliberate change, which is part of the baseline from then on",
    _declare_approve,
    _approve,
    ('lab4 approve lab4-results/run.json --last 20 --reason "exact softmax"',),
)
