"""Transactions of a history, whose errors are one sentence."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError

from lab4.domain.errors import HistoryError
from lab4.history.store.address import Address
from lab4.history.store.engines import WRITES, reason


class Transactions:
    """Connections to one database, for the time of a transaction.

    They raise `HistoryError` for what the database cannot do now; ``DataError`` and ``IntegrityError``, which are about
    the values, are left to the caller.
    """

    def __init__(self, engine: Engine, address: Address) -> None:
        self._engine = engine
        self._address = address

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Yield a connection to read by."""
        with self._errors("read"), self._engine.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Yield a connection to write by; all is written where the block ends well, else nothing."""
        with (
            self._errors("write"),
            self._engine.connect().execution_options(**{WRITES: True}) as connection,
            connection.begin(),
        ):
            yield connection

    def reason(self, error: DBAPIError) -> str:
        """Why the database refused, in words."""
        return reason(self._address, error.orig)

    @contextmanager
    def _errors(self, what: str) -> Iterator[None]:
        try:
            yield
        except (DataError, IntegrityError):
            raise
        except DBAPIError as error:
            raise HistoryError(f"cannot {what} the history {self._address.name}: {self.reason(error)}") from None
