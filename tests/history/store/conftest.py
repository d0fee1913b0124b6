"""Every test of the store runs on SQLite and on a real PostgreSQL."""

import os
from uuid import uuid4

import lab4_postgres
import pytest
from sqlalchemy import create_engine, text

from lab4.history.store import open_store


@pytest.fixture(scope="session")
def postgres():
    """The server's URL: one that is running ($LAB4_TEST_POSTGRESQL), or our own."""
    if "LAB4_TEST_POSTGRESQL" in os.environ:
        yield os.environ["LAB4_TEST_POSTGRESQL"]
        return
    if not lab4_postgres.is_installed():
        pytest.skip("PostgreSQL is not installed here (Debian: apt-get install postgresql)")
    with lab4_postgres.server() as url:
        yield url


@pytest.fixture
def postgres_database(postgres):
    """A database of the test's own."""
    name = f"lab4_{uuid4().hex}"
    engine = create_engine(postgres.replace("postgresql://", "postgresql+psycopg://"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    yield f"{postgres.rpartition('/')[0]}/{name}"
    with engine.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    engine.dispose()


@pytest.fixture(params=["folder", "sqlite", "postgresql"])
def address(request, tmp_path):
    if request.param == "postgresql":
        return request.getfixturevalue("postgres_database")
    return str(tmp_path / "history") if request.param == "folder" else f"sqlite:///{tmp_path / 'history.sqlite'}"


@pytest.fixture
def store(address):
    opened = open_store(address)
    yield opened
    opened.close()
