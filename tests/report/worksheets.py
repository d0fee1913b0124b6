"""Worksheets to render: a full one, empty ones, and one with names that try to break out of their cell."""

import sys
from dataclasses import replace
from pathlib import Path

# The runs are made where the analysis is tested; tests are not a package.
sys.path.append(str(Path(__file__).parents[1] / "analysis"))

from worksheet_factory import LABELS, machine, realistic, run

from lab4.analysis.tables import Quantity
from lab4.analysis.worksheet import worksheet
from lab4.domain.outcome import Failed, Measured
from lab4.domain.run import Commit

HOSTILE = 'a|b\n<script src="https://example.org">&amp; *x* `y` "z" \\'

FULL = worksheet([realistic(700)])
EMPTY = worksheet([])
BROKEN = worksheet([run(*(replace(m, outcome=Failed(HOSTILE)) for m in realistic(70).measurements))])
NAMES = worksheet([realistic(70, labels=dict.fromkeys(LABELS, HOSTILE))])
ONE_MODEL = worksheet([realistic(70, models=("fcnn",), complete=False, commit=Commit(None, dirty=True))])
TRAINING = worksheet([run(*(m for m in realistic(70).measurements if m.cell.kind == "training"))])
NOTHING_OBSERVED = worksheet([run(*(replace(m, outcome=Measured()) for m in realistic(70).measurements))])
MERGED = worksheet(
    [realistic(70), realistic(70, gpu=True, started_at="2026-03-02T00:00:00Z", on=machine("gpu-box", gpu=True))]
)
ALL = {
    "full": FULL,
    "empty": EMPTY,
    "broken": BROKEN,
    "names": NAMES,
    "one model": ONE_MODEL,
    "training": TRAINING,
    "nothing observed": NOTHING_OBSERVED,
    "merged": MERGED,
}


def quantities(made):
    """Every figure of every table, with the kind of its column."""
    for table in made.tables:
        for row in table.rows:
            for column, value in zip(table.columns, row.values, strict=True):
                if isinstance(value, Quantity):
                    yield value, column.kind
