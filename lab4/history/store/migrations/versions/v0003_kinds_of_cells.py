"""Keys of cells begin with the kind of measurement, not with a part of the worksheet."""

from alembic import op
from sqlalchemy import Connection, delete, select, update

from lab4.domain.pattern import current_key
from lab4.history.store.tables import CELLS

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

#: What the figures of a cell that was measured contain.
_MEASURED = '"state": "measured"'


def upgrade() -> None:
    """Rename the cells; of an artifact that had a row in several parts one row stays."""
    _rename_cells(op.get_bind())


def downgrade() -> None:
    """Refuse: which parts a row was of is not known any more."""
    raise NotImplementedError("histories of lab4 before schema 3 cannot be made from this one; add the runs again")


def _rename_cells(connection: Connection) -> None:
    """Give every cell its present key; of several rows of one run and key one stays, a measured one if there is any."""
    names = list(connection.execute(select(CELLS.c.cell).distinct().order_by(CELLS.c.cell)).scalars())
    earlier = {name: current_key(name) for name in names if current_key(name) != name}
    for is_measured in (True, False):
        for name, key in earlier.items():
            taken = select(CELLS.c.run).where(CELLS.c.cell == key)
            moved = (CELLS.c.cell == name) & CELLS.c.run.not_in(taken)
            if is_measured:
                moved &= CELLS.c.figures.contains(_MEASURED, autoescape=True)
            connection.execute(update(CELLS).where(moved).values(cell=key))
    for name in earlier:
        connection.execute(delete(CELLS).where(CELLS.c.cell == name))
