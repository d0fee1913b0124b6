import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text

from lab4.domain.errors import HistoryError
from lab4.history.store import open_store
from lab4.history.store.tables import METADATA


def test_the_migrations_make_the_tables_that_the_code_uses(store):
    with store._engine.connect() as connection:  # what a user never sees
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []


def test_a_history_of_a_newer_lab4_is_refused(store, address):
    with store._engine.begin() as connection:  # as a newer lab4 would
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(HistoryError, match="newer lab4"):
        open_store(address)


def test_a_history_of_no_lab4_is_refused(store, address):
    with store._engine.begin() as connection:  # as somebody else would
        connection.execute(text("UPDATE alembic_version SET version_num = '0000zz'"))
    with pytest.raises(HistoryError, match="that no lab4 made"):
        open_store(address)
