"""Options and messages that several commands share."""

import sys
from argparse import SUPPRESS, Action, ArgumentParser, Namespace
from typing import Any

from lab4.domain.errors import Lab4Error
from lab4.domain.passwords import masked
from lab4.domain.text import printable, valid_text


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
        help="take runs whose files name no CPU model or number of cores as runs of one machine",
    )


class RenamedOption(Action):
    """The earlier name of the option ``current``: accepted for one release, with a note, and not in the help."""

    def __init__(self, option_strings: list[str], dest: str, *, current: str, **settings: Any) -> None:  # noqa: ANN401
        super().__init__(option_strings, dest, default=SUPPRESS, help=SUPPRESS, **settings)
        self.current = current

    def __call__(
        self, parser: ArgumentParser, namespace: Namespace, values: object, option_string: str | None = None
    ) -> None:
        """Store the value (or the constant of an option without one) and print the note."""
        del parser
        note(f"{option_string} is now called {self.current}; the next release does not know the old name")
        setattr(namespace, self.dest, values if self.const is None else self.const)


def note(sentence: str) -> None:
    """Print a note, which does not end the command."""
    print(f"lab4: note: {printable(masked(sentence))}", file=sys.stderr)


def given_text(option: str, value: str) -> str:
    """The user's text for ``option``; raises `Lab4Error` where it is not UTF-8."""
    try:
        return value.encode("utf-8", "surrogateescape").decode("utf-8")
    except UnicodeError:
        raise Lab4Error(f"{option} {valid_text(value)!r} is not UTF-8 text; write it in UTF-8") from None
