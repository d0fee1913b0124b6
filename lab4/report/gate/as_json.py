"""The gate as JSON: every verdict with all of its evidence, in base units."""

import json
from dataclasses import asdict
from math import isfinite
from typing import Any

from lab4.analysis.gate.verdict import GateResult, Verdict
from lab4.report.gate.words import summary


def render(gate: GateResult) -> str:
    """One object, without numbers that are missing, or infinite (by too few runs), which JSON does not have."""
    return json.dumps(plain_gate(gate), indent=2, allow_nan=False) + "\n"


def plain_gate(gate: GateResult) -> dict[str, Any]:
    """The object."""
    check = None if gate.self_check is None else asdict(gate.self_check)
    return {
        "summary": summary(gate),
        "exit_code": int(gate.exit_code),
        "baselines": list(gate.baselines),
        "candidates": list(gate.candidates),
        "notes": list(gate.notes),
        "self_check": check,
        "verdicts": [plain_verdict(verdict) for verdict in gate.verdicts],
    }


def plain_verdict(verdict: Verdict) -> dict[str, Any]:
    """A verdict with its evidence."""
    evidence = asdict(verdict.evidence)
    rule = evidence.pop("rule")
    return {
        "cell": verdict.cell,
        "figure": verdict.figure,
        "verdict": verdict.outcome.value,
        "stops": bool(verdict.stops),
        **({"budget": True} if verdict.is_budget else {}),
        "reason": verdict.reason,
        **({"rule": rule} if rule else {}),
        **{name: value for name, value in evidence.items() if value is not None and isfinite(value)},
    }
