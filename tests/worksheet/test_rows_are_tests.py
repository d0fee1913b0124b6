"""Every row of the printed form is a test of the suite, as it is run without an option."""

from worksheet_factory import realistic

from lab4.bench.cells import Axes, cells
from lab4.domain.cell import KINDS
from lab4.formats import FORMATS
from lab4.models import MODELS
from lab4.plugin.options import OPTIONS
from lab4.worksheet import worksheet

DEFAULTS = {option.key: option.default for option in OPTIONS}


def planned():
    chains = tuple((name,) for name in DEFAULTS["techniques"])
    axes = Axes(MODELS.default, chains, ("cpu", "gpu"), DEFAULTS["batch-sizes"], FORMATS.default)
    return {cell.key for kind in KINDS for cell in cells(kind, axes)}


def test_every_row_of_the_form_is_a_planned_cell():
    rows = [row for table in worksheet([realistic(70)]).tables if table.printed for row in table.rows if row.cell]
    assert len(rows) > 30
    assert [row.name for row in rows if row.cell.key not in planned()] == []
