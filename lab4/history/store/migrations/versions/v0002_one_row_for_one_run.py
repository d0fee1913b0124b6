"""One row for one run, in whatever encoding it was added; texts of any length."""

import sqlalchemy as sa
from alembic import op

from lab4.history.store.identifying import identify

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

#: Columns whose length PostgreSQL kept to and SQLite did not.
_BOUNDED = (("runs", "hardware", 64), ("runs", "profile", 64), ("runs", "revision", 80), ("cells", "cell", 300))


def upgrade() -> None:
    """Give each run the key of its identity; of those that are there twice the better copy stays."""
    op.add_column("runs", sa.Column("identity", sa.String(64)))
    if op.get_bind().dialect.name == "postgresql":
        for table, column, _ in _BOUNDED:
            op.alter_column(table, column, type_=sa.Text)
    identify(op.get_bind(), op.get_context().opts["folder"])
    op.create_index("runs_by_identity", "runs", ["identity"], unique=True)


def downgrade() -> None:
    """Forget the identities; fails in PostgreSQL where a text is longer than it was allowed to be."""
    op.drop_index("runs_by_identity", "runs")
    op.drop_column("runs", "identity")
    if op.get_bind().dialect.name == "postgresql":
        for table, column, length in _BOUNDED:
            op.alter_column(table, column, type_=sa.String(length))
