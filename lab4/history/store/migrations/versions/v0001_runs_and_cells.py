"""Runs, and their cells."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make both tables."""
    op.create_table(
        "runs",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("uid", sa.String(64), nullable=False, unique=True),
        sa.Column("moment", sa.String(40), nullable=False),
        sa.Column("hardware", sa.String(64), nullable=False),
        sa.Column("profile", sa.String(64), nullable=False),
        sa.Column("revision", sa.String(80)),
        sa.Column("complete", sa.Boolean, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("header", sa.Text, nullable=False),
        sa.Column("document", sa.LargeBinary),
    )
    op.create_index("runs_by_moment", "runs", ["moment"])
    op.create_table(
        "cells",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("run", sa.Integer, sa.ForeignKey("runs.id", ondelete="CASCADE"), nullable=False),
        sa.Column("cell", sa.String(300), nullable=False),
        sa.Column("figures", sa.Text, nullable=False),
        sa.UniqueConstraint("run", "cell", name="a_cell_once_a_run"),
    )
    op.create_index("cells_by_name", "cells", ["cell"])


def downgrade() -> None:
    """Remove both tables."""
    op.drop_table("cells")
    op.drop_table("runs")
