"""From what people write after ``--history`` to where a history is, and the files of its folder."""

import re
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from lab4.domain.errors import HistoryError
from lab4.domain.passwords import is_connection_string, looks_like_url, masked, remember_passwords, without_password

#: pytest-benchmark's own folder of saved runs, and our index in it.
DEFAULT_FOLDER = Path(".benchmarks")
INDEX_NAME = "lab4-history.sqlite"
FORMS = "use sqlite:///FILE or postgresql://..."


@dataclass(frozen=True, slots=True)
class Address:
    """Where a history is: the URL of its database, and the folder that keeps the files of an embedded one."""

    url: URL
    folder: Path | None

    @property
    def name(self) -> str:
        """What people read, without a password."""
        return shown(self.url)

    @property
    def file(self) -> Path | None:
        """The file of an SQLite database."""
        return Path(str(self.url.database)) if self.url.get_backend_name() == "sqlite" else None


def address_of(written: str | None) -> Address:
    """Return where a folder or URL leads to; the default is pytest-benchmark's ``.benchmarks``.

    Raises `HistoryError` if it cannot be the address of a history.
    """
    if written is None or "://" not in written:
        folder = DEFAULT_FOLDER if written is None else Path(written)
        if looks_like_url(str(folder)) and not folder.exists():  # it would make folders named after a password
            remember_passwords([str(folder)])
            raise HistoryError(f"{masked(str(written))!r} is not a database URL; {FORMS}")
        if is_connection_string(str(folder)) and not folder.exists():
            raise HistoryError(f"{masked(str(folder))!r} is a connection string, and no URL; {FORMS}")
        if folder.is_file():
            raise HistoryError(f"{folder} is a file; name a folder, sqlite:///FILE or postgresql://...")
        return Address(URL.create("sqlite", database=str(folder / INDEX_NAME)), folder)
    remember_passwords([written])
    plain, password = without_password(written)
    try:
        url = make_url(plain)
    except (ArgumentError, ValueError):  # ValueError: a port that is no number
        raise HistoryError(f"{masked(written)!r} is not a database URL; {FORMS}") from None
    if password is not None:
        url = url.set(password=unquote(password))
    if url.get_backend_name() == "sqlite" and url.database:  # a path as it is written: releases differ in decoding it
        url = url.set(database=plain.partition(":///")[2].partition("?")[0])
    return Address(_checked(url), None)


def shown(url: URL) -> str:
    """The URL as people read it: without a password in any place, and with a path as it is."""
    if url.get_backend_name() == "sqlite":
        return masked(f"sqlite:///{url.database or ''}")
    return masked(str(url.render_as_string(hide_password=True)))


def first_line(error: BaseException | None) -> str:
    """What the database said, without the statement and without a password."""
    return masked(str(error).strip().partition("\n")[0])


def _checked(url: URL) -> URL:
    backend = url.get_backend_name()
    if backend not in {"sqlite", "postgresql"}:
        raise HistoryError(f"{shown(url)}: histories are kept in sqlite or postgresql, not in {backend}")
    in_memory = not url.database or ":memory:" in url.database or url.query.get("mode") == "memory"
    if backend == "sqlite" and in_memory:
        raise HistoryError(f"{shown(url)} is gone when the command ends; name a file: sqlite:///FILE")
    if url.drivername == "postgresql":  # SQLAlchemy's default driver is another one
        url = url.set(drivername="postgresql+psycopg")
    return url


#: What a byte of a file's name that is no UTF-8 is written as in the index, which holds UTF-8 only.
_ESCAPED = re.compile(r"\\(udc[89a-f][0-9a-f])")


def source_in(folder: Path | None, path: str) -> str:
    """What the index says of a file: its path below the folder; a file elsewhere stays as it was named.

    >>> source_in(Path("runs"), "runs/box/0001.json")
    'box/0001.json'
    """
    if folder is not None:
        with suppress(OSError, ValueError):  # it is elsewhere
            path = Path(path).resolve().relative_to(folder.resolve()).as_posix()
    return path.encode("utf-8", "backslashreplace").decode("utf-8")


def place_of(folder: Path, source: str) -> Path | None:
    """The file that an entry of the index is of; ``None`` where it is gone.

    Entries of earlier lab4s have the path as the folder was named then: what of it lies below the folder counts.
    """
    for written in dict.fromkeys((source, _ESCAPED.sub(lambda byte: chr(int(byte[1][1:], 16)), source))):
        parts = Path(written).parts
        tails = (folder.joinpath(*parts[start:]) for start in range(len(parts)))
        found = next((tail for tail in tails if tail.is_file()), None)
        if found is not None:
            return found
    return None
