"""The tables of a history: made, and brought up to date."""

from collections.abc import Callable
from pathlib import Path

from sqlalchemy import Engine, inspect, text
from sqlalchemy.exc import DBAPIError

from lab4.domain.errors import HistoryError
from lab4.history.store.address import Address, first_line
from lab4.history.store.engines import WAIT_S, WRITES, reason
from lab4.storage.locks import LockTimeoutError, locked

#: The newest migration. Asked first, since Alembic takes a third of a second to say that there is nothing to do.
_HEAD = "0003"
#: A package and a folder in it: a path could hold a percent sign, which a configuration's value must not.
_MIGRATIONS = "lab4.history.store:migrations"


def upgrade(engine: Engine, address: Address, note: Callable[[str], None], *, shared: bool = True) -> None:
    """Make the tables, or bring them up to date; ``shared`` is of a database that other processes may open as well.

    ``note`` gets a sentence where that waits for another process.

    Raises:
        HistoryError: if they are of a newer lab4 or of something else, or cannot be written.
    """
    with engine.connect() as connection:
        known = inspect(connection).has_table("alembic_version")
        version = connection.execute(text("SELECT version_num FROM alembic_version")).scalar() if known else None
    if version == _HEAD:
        return
    if version is not None and version > _HEAD:
        raise HistoryError(f"{address.name} was written by a newer lab4 (migration {version}); upgrade lab4")
    if address.file is None or not shared:
        _upgrade(engine, address)
        return
    lock = Path(f"{address.file}.lock")
    try:
        # Two that open a new database at once: the second waits, and finds the tables made.
        with locked(lock, limit_s=WAIT_S, waiting=note):
            _upgrade(engine, address)
    except LockTimeoutError as error:
        raise HistoryError(f"{address.name} cannot be upgraded: {error}; try again when it has ended") from None
    except OSError as error:
        raise HistoryError(f"{address.name} does not answer: {reason(address, error)}") from None


def _upgrade(engine: Engine, address: Address) -> None:
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", _MIGRATIONS)
    try:
        with engine.connect().execution_options(**{WRITES: True}) as connection, connection.begin():
            if connection.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(4)"))  # as the file's lock
            config.attributes.update(connection=connection, folder=address.folder)
            command.upgrade(config, "head")
    except CommandError as error:
        raise HistoryError(
            f"{address.name} has tables that no lab4 made ({first_line(error)}); name another history"
        ) from None
    except DBAPIError as error:
        raise HistoryError(f"{address.name} cannot be upgraded: {reason(address, error.orig)}") from None
