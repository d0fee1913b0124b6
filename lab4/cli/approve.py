"""``lab4 approve``: approve a deliberate change, so that the gate judges against the new value from then on."""

from argparse import ArgumentParser, Namespace
from functools import partial
from pathlib import Path

from lab4.cli.commands import Command
from lab4.cli.gate import baselines_of, candidates_of, declare_inputs, judging
from lab4.cli.shared import given_text, note
from lab4.domain.errors import Lab4Error
from lab4.domain.text import printable


def _declare(parser: ArgumentParser) -> None:
    parser.add_argument("runs", nargs="*", metavar="CANDIDATE", help="run.json of the candidate, or several")
    declare_inputs(parser, "approve changes of cells that match these patterns only (default: all)")
    parser.add_argument("--figure", default="*", help="approve changes of this figure only (default: all)")
    reason = partial(given_text, "--reason")
    parser.add_argument("--reason", type=reason, help="why the change is intended; recorded in the approvals file")


def approve(arguments: Namespace) -> int:
    """Judge the candidate, and add its worse and missing figures to the approvals file; return the exit code."""
    from lab4.analysis.gate.approvals import approvals_of
    from lab4.analysis.gate.policy import PolicyRule
    from lab4.analysis.gate.verdict import ExitCode
    from lab4.cli.project import approvals_path, policy_of
    from lab4.environment import user_name
    from lab4.history.approvals import add_approvals

    if not arguments.runs:
        raise Lab4Error("name the candidate: lab4 approve CANDIDATE --baseline RUN --reason WHY")
    if not (arguments.reason or "").strip():
        raise Lab4Error("--reason is missing: say why the change is intended")
    path = approvals_path(arguments)
    judge = judging(arguments, policy_of(arguments), path)
    candidates = candidates_of([Path(run) for run in arguments.runs])
    baselines = baselines_of(arguments, candidates)
    if not baselines:
        note("there is no baseline yet, so that no change can be approved; name one with --baseline RUN or --last N")
        return int(ExitCode.NO_BASELINE)
    gate = judge(candidates, baselines)
    rule = PolicyRule(arguments.cells or "*", arguments.figure)
    approved = approvals_of(
        gate.verdicts, candidates, rule, arguments.reason, user_name(), paired=arguments.interleaved
    )
    if not approved:
        raise Lab4Error("there is nothing to approve: no worse or missing figure matches --cells and --figure")
    add_approvals(path, approved, note)
    for approval in approved:
        print(f"approved: {approval.figure} of {approval.cell}")
    print(f"{printable(str(path))}: commit it with the change")
    return 0


APPROVE = Command("approve a deliberate change, which is part of the baseline from then on", _declare, approve)
