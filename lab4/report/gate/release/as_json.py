"""A release as JSON: the verdicts over all machines, and the gate of each machine, in base units."""

import json
from typing import Any

from lab4.analysis.release.verdict import MachineGate, ReleaseResult, ReleaseVerdict
from lab4.report.gate.as_json import plain_gate, plain_verdict
from lab4.report.gate.release.words import ordered, summary, unjudged


def render(release: ReleaseResult) -> str:
    """One object, without numbers that are missing or infinite."""
    document = {
        "summary": summary(release),
        "exit_code": int(release.exit_code),
        "missing": list(release.missing),
        "unjudged": unjudged(release),
        "notes": list(release.notes),
        "verdicts": [_plain(each) for each in ordered(release)],
        "machines": [_machine(each) for each in release.machines],
    }
    return json.dumps(document, indent=2, allow_nan=False) + "\n"


def _plain(found: ReleaseVerdict) -> dict[str, Any]:
    return {
        **plain_verdict(found.verdict),
        "machines": list(found.machines),
        "of_machines": found.among,
        "on_all_machines": found.is_everywhere,
        "by_all_machines_together": found.is_shared,
        **({"kind": found.kind} if found.kind else {}),
    }


def _machine(each: MachineGate) -> dict[str, Any]:
    return {"name": each.name, "hardware": each.kind, "only_warns": each.only_warns, "gate": plain_gate(each.gate)}
