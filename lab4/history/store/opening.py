"""From a URL to a store whose tables are there and of this lab4."""

import re
from contextlib import ExitStack
from pathlib import Path

from filelock import FileLock
from sqlalchemy import Engine, create_engine, event, inspect, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError

from lab4.domain.errors import HistoryError
from lab4.history.store.store import Store

__all__ = ["DEFAULT_FOLDER", "INDEX_NAME", "open_store"]

#: pytest-benchmark's own folder of saved runs, and our index in it.
DEFAULT_FOLDER = Path(".benchmarks")
INDEX_NAME = "lab4-history.sqlite"
#: The newest migration. Asked first, since Alembic takes a third of a second to say that there is nothing to do.
_HEAD = "0001"
#: How long a writer waits for another, in seconds.
_PATIENCE_S = 60
_FORMS = "use sqlite:///FILE or postgresql://..."


def open_store(address: str | None = None) -> Store:
    """Open a history by a folder or a URL; the default is pytest-benchmark's ``.benchmarks`` with an index in it.

    Raises:
        HistoryError: if the address is no address, nothing answers there, or its tables are of a newer lab4.
    """
    url, folder = _resolved(address)
    try:
        engine = create_engine(url, connect_args=_connect_args(url))
    except NoSuchModuleError:
        raise HistoryError(f"{_shown(url)}: no such database here; {_FORMS}") from None
    except ImportError as error:
        raise HistoryError(f"{_shown(url)}: {error}; run: pip install 'lab4[history]'") from None
    except (SQLAlchemyError, ValueError, TypeError) as error:
        raise _misaddressed(url, error) from None
    with ExitStack() as undo:
        undo.callback(engine.dispose)
        if url.get_backend_name() == "sqlite":
            event.listen(engine, "connect", _set_up_sqlite)
        try:
            _migrate(engine)
        except DBAPIError as error:
            raise HistoryError(f"{_shown(url)} does not answer: {_first_line(error.orig)}") from None
        except (ValueError, TypeError, OverflowError) as error:  # of the driver, for what the address asks of it
            raise _misaddressed(url, error) from None
        undo.pop_all()
    return Store(engine, folder, _shown(url))


def _misaddressed(url: URL, error: Exception) -> HistoryError:
    return HistoryError(f"{_shown(url)} is no address of a history ({_first_line(error)}); {_FORMS}")


def _first_line(error: BaseException | None) -> str:
    """What the database said, without the statement."""
    return str(error).strip().partition("\n")[0]


def _resolved(address: str | None) -> tuple[URL, Path | None]:
    """The URL, and the folder that keeps the files of an embedded history."""
    if address is None or "://" not in address:
        folder = DEFAULT_FOLDER if address is None else Path(address)
        if folder.is_file():
            raise HistoryError(f"{folder} is a file; name a folder, sqlite:///FILE or postgresql://...")
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise HistoryError(f"cannot make {folder}: {error.strerror}") from None
        return URL.create("sqlite", database=str(folder / INDEX_NAME)), folder
    try:
        url = make_url(address)
    except (ArgumentError, ValueError):  # ValueError: a port that is no number
        # What cannot be taken apart may hold a password all the same.
        masked = re.sub(r":[^:@/]*@", ":***@", address)
        raise HistoryError(f"{masked!r} is no database URL; {_FORMS}") from None
    if url.get_backend_name() not in {"sqlite", "postgresql"}:
        raise HistoryError(
            f"{_shown(url)}: histories are kept in sqlite or postgresql, not in {url.get_backend_name()}"
        )
    if url.get_backend_name() == "sqlite" and _is_in_memory(url):
        raise HistoryError(f"{_shown(url)} is gone when the command ends; name a file: sqlite:///FILE")
    if url.drivername == "postgresql":  # SQLAlchemy's default driver is another one
        url = url.set(drivername="postgresql+psycopg")
    return url, None


def _is_in_memory(url: URL) -> bool:
    return not url.database or ":memory:" in url.database or url.query.get("mode") == "memory"


def _shown(url: URL) -> str:
    return str(url.render_as_string(hide_password=True))


def _connect_args(url: URL) -> dict[str, object]:
    return {"timeout": _PATIENCE_S} if url.get_backend_name() == "sqlite" else {"connect_timeout": 10}


def _set_up_sqlite(connection: object, _: object) -> None:
    cursor = connection.cursor()  # type: ignore[attr-defined]  # a DB-API connection
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.execute("PRAGMA journal_mode = WAL")  # readers do not wait for writers
    cursor.close()


def _migrate(engine: Engine) -> None:
    with engine.connect() as connection:
        known = inspect(connection).has_table("alembic_version")
        version = connection.execute(text("SELECT version_num FROM alembic_version")).scalar() if known else None
    if version == _HEAD:
        return
    if version is not None and version > _HEAD:
        raise HistoryError(f"{_shown(engine.url)} was written by a newer lab4 (migration {version}); upgrade lab4")
    if engine.url.get_backend_name() == "sqlite":
        # Two that open a new database at once: the second waits, and finds the tables made.
        with FileLock(f"{engine.url.database}.lock", timeout=_PATIENCE_S):
            _upgrade(engine)
    else:
        _upgrade(engine)


def _upgrade(engine: Engine) -> None:
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")))
    with engine.begin() as connection:
        if engine.url.get_backend_name() == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(4)"))  # as the file's lock
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, "head")
        except CommandError as error:
            raise HistoryError(
                f"{_shown(engine.url)} has tables that no lab4 made ({_first_line(error)}); name another history"
            ) from None
