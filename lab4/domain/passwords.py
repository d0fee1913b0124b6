"""Passwords of databases: found in addresses, remembered, and masked in every text that leaves lab4."""

import re
from collections.abc import Iterable
from urllib.parse import quote, unquote, unquote_plus

MASK = "***"
#: A query begins with a key: a question mark in a password does not.
_QUERY = re.compile(r"\?(?=[\w.-]+=)")
_IN_URL = re.compile(r"([A-Za-z][\w+.-]*://[^\s:/@?#'\"]*):(\S*)@")
_SETTING = re.compile(r"(\w*passw(?:or)?d\s*=\s*)('[^']*'|\"[^\"]*\"|[^\s&'\"]+)", re.IGNORECASE)
_SETTING_TO_THE_END = re.compile(r"\w*passw(?:or)?d\s*=\s*([^&]*)", re.IGNORECASE)
#: A path writes a URL with one slash, and a slash is soon forgotten; a drive has one letter.
_URL = re.compile(r"[A-Za-z][\w+.-]+:/")
_CONNECTION = re.compile(r"(?:^|\s)(host|hostaddr|dbname|user)\s*=")
#: Passwords shorter than this, and words that lab4 says itself, are masked only where they are whole words.
_SHORT = 4
_COMMON = frozenset({"history", "lab4", "password", "postgres", "sqlite"})

#: Every spelling of every password that this process was given.
_known: set[str] = set()


def without_password(address: str) -> tuple[str, str | None]:
    """Return a database's URL without the password before its host, and that password as it was written.

    The last ``@`` before the query ends the password, which so may have ``@``, ``/`` and ``:`` in it; in the query they
    are quoted, so that no other reader takes them for the host's.

    >>> without_password("postgresql://me:a/b@c@host/name")
    ('postgresql://me@host/name', 'a/b@c')
    """
    scheme, separator, rest = address.partition("://")
    if not separator:
        return address, None
    before, *query = _QUERY.split(rest, maxsplit=1)
    after = "".join(f"?{quote(each, safe='=&%+')}" for each in query)
    user, colon, password = before.rpartition("@")[0].partition(":")
    if not colon or "/" in user:
        return f"{scheme}://{before}{after}", None
    return f"{scheme}://{user}{before[len(user) + len(colon) + len(password) :]}{after}", password


def is_connection_string(text: str) -> bool:
    """Whether a text looks like a connection string of PostgreSQL's library, such as ``host=h user=u password=p``."""
    return _CONNECTION.search(text) is not None


def looks_like_url(path: str) -> bool:
    """Whether a path looks like a URL, with one slash or two; a drive such as ``C:/`` does not.

    >>> looks_like_url("postgresql:/me@host/name")
    True
    """
    return _URL.match(path) is not None


def remember_passwords(texts: Iterable[str]) -> None:
    """Remember the passwords in these addresses or arguments, so that `masked` knows them in every spelling.

    A URL with one slash is read as if it had two.
    """
    for text in (each for written in texts for each in (written, written.replace(":/", "://", 1))):
        if "://" not in text and not is_connection_string(text):
            continue
        password = without_password(text)[1]
        found = [] if password is None else [password]
        found += [match.group(2) for match in (*_IN_URL.finditer(text), *_SETTING.finditer(text))]
        found += _SETTING_TO_THE_END.findall(text)
        for each in found:
            _known.update(_spellings(each.strip("'\"")))


def are_known() -> bool:
    """Whether this process was given any password."""
    return bool(_known)


def masked(text: str) -> str:
    """Return the text with ``***`` in place of each password: remembered ones, and those in URLs and settings."""
    for password in sorted(_known, key=len, reverse=True):
        is_word = len(password) < _SHORT or password.lower() in _COMMON
        pattern = rf"(?<!\w){re.escape(password)}(?!\w)" if is_word else re.escape(password)
        text = re.sub(pattern, MASK, text)
    text = _IN_URL.sub(rf"\1:{MASK}@", text)
    return _SETTING.sub(rf"\1{MASK}", text)


def _spellings(password: str) -> set[str]:
    """The password as a shell, a URL, a driver or Python may write it."""
    plain = {password, unquote(password), unquote_plus(password)}
    quoted = {quote(each, safe=safe) for each in plain for safe in ("", "/", "/:")}
    written = {repr(each)[1:-1] for each in plain}
    return {each for each in plain | quoted | written if each.strip("*")}
