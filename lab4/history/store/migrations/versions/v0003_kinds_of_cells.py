"""Keys of cells begin with the kind of measurement, not with a part of the worksheet."""

from alembic import op

from lab4.history.store.renaming import rename_cells

__all__ = ["downgrade", "upgrade"]

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Rename the cells; of an artifact that had a row in several parts one row stays."""
    rename_cells(op.get_bind())


def downgrade() -> None:
    """Refuse: which parts a row was of is not known any more."""
    raise NotImplementedError("histories of lab4 before schema 3 cannot be made from this one; add the runs again")
