"""The gate as JSON: every verdict with all of its numbers, in base units."""

import json
from dataclasses import asdict
from math import isfinite
from typing import Any

from lab4.analysis.gate.verdict import Gate, Judged, Reckoning
from lab4.report.gate.words import summary

__all__ = ["render"]


def render(gate: Gate) -> str:
    """One object; numbers that there are not are left out."""
    document = {
        "summary": summary(gate),
        "exit_code": int(gate.exit_code),
        "baselines": list(gate.baselines),
        "candidates": list(gate.candidates),
        "notes": list(gate.notes),
        "reckoning": None if gate.reckoning is None else _reckoned(gate.reckoning),
        "verdicts": [_plain(each) for each in gate.judged],
    }
    return json.dumps(document, indent=2, allow_nan=False) + "\n"


def _reckoned(reckoning: Reckoning) -> dict[str, Any]:
    # No change is seen where so few runs tell nothing.
    seen = [(cell, change if isfinite(change) else None) for cell, change in reckoning.detectable]
    return {**asdict(reckoning), "detectable": seen}


def _plain(each: Judged) -> dict[str, Any]:
    return {
        "cell": each.cell,
        "figure": each.figure,
        "verdict": each.verdict.value,
        "stops": bool(each.stops),
        "reason": each.reason,
        # A threshold is infinite where so few runs tell nothing.
        **{name: value for name, value in asdict(each.evidence).items() if value is not None and isfinite(value)},
    }
