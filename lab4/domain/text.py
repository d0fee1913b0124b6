"""Names of files and arguments as text that can be written anywhere."""

import re

from lab4.domain.errors import Lab4Error

__all__ = ["given_text", "valid_text"]

#: Surrogates that stand for no byte: only JSON and programs make them.
_NO_BYTE = re.compile("[\ud800-\udc7f\udd00-\udfff]")


def valid_text(name: object) -> str:
    r"""The name, with ``\x`` escapes in place of bytes that are not UTF-8.

    Python reads such bytes of file names and arguments as lone surrogates, which no file, database or terminal takes.

    >>> print(valid_text("caf\udce9"), valid_text("caf\udcc3\udca9"))
    caf\xe9 café
    """
    encodable = _NO_BYTE.sub(lambda found: f"\\u{ord(found[0]):04x}", str(name))
    return encodable.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def given_text(option: str, value: str) -> str:
    """What a user has written for ``option``, as text; raises `Lab4Error` where it is not UTF-8."""
    try:
        return value.encode("utf-8", "surrogateescape").decode("utf-8")
    except UnicodeError:
        raise Lab4Error(f"{option} {valid_text(value)!r} is not UTF-8 text; write it in UTF-8") from None
