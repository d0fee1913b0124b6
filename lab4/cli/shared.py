"""What several commands declare and say."""

import sys
from argparse import ArgumentParser

from lab4.domain.errors import Lab4Error
from lab4.domain.passwords import masked
from lab4.domain.text import printable, valid_text

__all__ = ["declare_assumption", "declare_history", "given_text", "note"]


def declare_history(parser: ArgumentParser) -> None:
    """Declare ``--history``."""
    parser.add_argument(
        "--history",
        metavar="URL",
        help="folder, sqlite:///FILE or postgresql://USER@HOST/NAME (default: .benchmarks, $LAB4_HISTORY)",
    )


def declare_assumption(parser: ArgumentParser) -> None:
    """Declare ``--assume-same-machine``."""
    parser.add_argument(
        "--assume-same-machine",
        action="store_true",
        help="take runs whose files name no CPU model or number of cores for runs of one machine",
    )


def note(sentence: str) -> None:
    """Tell what does not end the command."""
    print(f"lab4: note: {printable(masked(sentence))}", file=sys.stderr)


def given_text(option: str, value: str) -> str:
    """What a user has written for ``option``, as text; raises `Lab4Error` where it is not UTF-8."""
    try:
        return value.encode("utf-8", "surrogateescape").decode("utf-8")
    except UnicodeError:
        raise Lab4Error(f"{option} {valid_text(value)!r} is not UTF-8 text; write it in UTF-8") from None
