"""Text that others wrote, as a terminal, a log, a table or a CI system may show it.

A file's text could move the cursor, end a line, or speak to the CI system that reads the log: systems take commands
from what a step prints. Such text becomes visible text here, at the wall where it comes in and where messages leave.
"""

import re
from collections.abc import Sequence

#: Surrogates that represent no byte: only JSON and programs make them.
_NO_BYTE = re.compile("[\ud800-\udc7f\udd00-\udfff]")
#: C0, DEL and C1, the separators of lines and paragraphs, bidirectional embeddings, overrides and isolates.
_HIDDEN = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_SHORT = {"\t": r"\t", "\n": r"\n", "\r": r"\r"}
#: GitHub: ``::error::`` at the start of a line, after any white space. Between words, as in the name of a test, it is
#: none. What comes before decides, so that a text stays harmless where it is cut or wrapped.
_COMMAND = re.compile(r"(?<![\w\\])::(?=[A-Za-z])")
#: ``##[error]``, ``##vso[...]`` (Azure Pipelines, GitHub) and ``##teamcity[...]``, anywhere in a line.
_BRACKET_COMMAND = re.compile(r"##(?=(?:vso|teamcity)?\[)", re.IGNORECASE)

#: A smaller p-value is printed as this bound: a frequency has no meaning there.
_MIN_P_VALUE = 1e-9


def valid_text(name: object) -> str:
    r"""The name, with ``\x`` escapes in place of bytes that are not UTF-8.

    Python reads such bytes of file names and arguments as lone surrogates, which no file, database or terminal takes.

    >>> print(valid_text("caf\udce9"), valid_text("caf\udcc3\udca9"))
    caf\xe9 café
    """
    encodable = _NO_BYTE.sub(lambda found: f"\\u{ord(found[0]):04x}", str(name))
    return encodable.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def printable(text: str) -> str:
    r"""Return ``text`` with control characters as escapes, and with no command to a CI system; twice is as once.

    >>> print(printable("1\n::error::2"), printable("a \x1b[2J"), printable("tests/a.py::test_b"))
    1\n::error::2 a \x1b[2J tests/a.py::test_b
    >>> print(printable("::error::1"), printable("##[error]1"))
    \::error::1 #\#[error]1
    """
    if text.isascii() and text.isprintable() and "::" not in text and "##" not in text:
        return text  # nearly every text: a history holds many thousands
    text = _HIDDEN.sub(_escape, valid_text(text))
    return _BRACKET_COMMAND.sub(r"#\\#", _COMMAND.sub(r"\\::", text))


def printable_values(value: object) -> object:
    """Return a JSON value with every text in it, keys too, as `printable` makes it."""
    if isinstance(value, str):
        return printable(value)
    if isinstance(value, dict):
        return {printable(str(key)): printable_values(each) for key, each in value.items()}
    return [printable_values(each) for each in value] if isinstance(value, list | tuple) else value


def _escape(match: re.Match[str]) -> str:
    character = match[0]
    code = ord(character)
    return _SHORT.get(character) or (f"\\x{code:02x}" if code <= 0xFF else f"\\u{code:04x}")  # noqa: PLR2004  # one byte


def first_line(error: BaseException) -> str:
    r"""What an exception says, without the pages that frameworks add, and of a line as long as a model its beginning.

    >>> first_line(ValueError("no such layer\nSee the log"))
    'no such layer'
    """
    return shortened(str(error).strip().partition("\n")[0]) or type(error).__name__


def shortened(line: str, most: int = 300) -> str:
    """The line, or as much of its beginning as fits into ``most`` characters with three dots.

    >>> shortened("a long line", 9)
    'a long...'
    """
    return line if len(line) <= most else f"{line[: most - 3]}..."


def counted(number: int, noun: str) -> str:
    """So many of something.

    >>> counted(1, "cell"), counted(3, "cell")
    ('1 cell', '3 cells')
    """
    return f"1 {noun}" if number == 1 else f"{number} {noun}s"


def listed(names: Sequence[str], most: int, separator: str = ", ") -> str:
    """The first names, and how many there are more.

    >>> listed(["a", "b", "c"], 2)
    'a, b and 1 more'
    """
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return f"{separator.join(names[:most])}{more}"


def shaped(shape: Sequence[int | None]) -> str:
    """A shape in words: ``None`` is any size.

    >>> shaped((None, 28, 28)), shaped(())
    ('any x 28 x 28', 'one value')
    """
    return " x ".join("any" if each is None else str(each) for each in shape) or "one value"


def odds(p_value: float) -> str:
    """A p-value as sentences have it.

    >>> odds(0.0123), odds(1e-12)
    ('p = 0.012', 'p < 1e-09')
    """
    return f"p = {p_value:.2g}" if p_value > _MIN_P_VALUE else f"p < {_MIN_P_VALUE:.0e}"
