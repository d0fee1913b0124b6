"""A comparison as JSON."""

import json
from dataclasses import asdict
from typing import Any

from lab4.analysis.pivot import Compared, Pivot, PivotColumn
from lab4.analysis.side_by_side import SideBySide

__all__ = ["as_json"]

_BASE_UNITS = {"time": "s", "rate": "examples/s", "memory": "B", "energy": "J", "share": "", "number": ""}


def as_json(found: SideBySide) -> str:
    """Everything, in base units; docs/comparing.md says what each field is."""
    document = {
        "by": found.by,
        "sides": found.sides,
        "reference": found.columns[found.reference].label,
        "columns": [_plain_column(found, column) for column in found.columns],
        "differences": dict(found.differences),
        "not_compared": found.not_compared,
        "tables": [_plain_pivot(found, pivot) for pivot in found.pivots],
    }
    return json.dumps(document, indent=2, allow_nan=False)


def _plain_column(found: SideBySide, column: PivotColumn) -> dict[str, Any]:
    levels = zip(found.by, column.levels, strict=True)
    return {"label": column.label} | {axis: level.value for axis, level in levels}


def _plain_pivot(found: SideBySide, pivot: Pivot) -> dict[str, Any]:
    figure = pivot.figure
    return {
        "kind": pivot.kind,
        "figure": pivot.name,
        "label": figure.label,
        "unit": _BASE_UNITS[figure.quantity],
        "higher_is_better": figure.higher_is_better,
        "compared_by": "ratio" if figure.has_ratio else "difference",
        "spread_of_a_single_run": figure.spread,
        "rows": [
            {axis: level.value for axis, level in row.levels}
            | {
                "values": {
                    column.label: _plain_value(value) for column, value in zip(found.columns, row.values, strict=True)
                }
            }
            for row in pivot.rows
        ],
        "left_out": [asdict(each) for each in pivot.left_out],
    }


def _plain_value(value: Compared) -> dict[str, Any]:
    if value.figure is None:
        return {"reason": value.reason}
    return asdict(value.figure) | {
        "runs": value.runs,
        "against_reference": None if value.against is None else asdict(value.against),
        "best_against_this": None if value.behind is None else asdict(value.behind),
        "is_best": value.is_best,
        "is_near_best": value.is_near_best,
    }
