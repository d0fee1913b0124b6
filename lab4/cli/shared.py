"""Options and messages that several commands share."""

import json
import sys
from argparse import SUPPRESS, Action, ArgumentParser, Namespace, _SubParsersAction
from collections.abc import Sequence
from pathlib import Path
from shutil import get_terminal_size
from typing import Any

from lab4.domain.errors import Lab4Error
from lab4.domain.passwords import masked
from lab4.domain.text import printable, printable_values, valid_text
from lab4.storage.atomic import write_atomically


def declare_history(parser: ArgumentParser) -> None:
    """Declare ``--history``."""
    parser.add_argument(
        "--history",
        metavar="URL",
        help="folder, sqlite:///FILE or postgresql://USER@HOST/NAME (default: .benchmarks, $LAB4_HISTORY)",
    )


#: How many of a history's last runs are asked for by default.
LAST_RUNS = 20


def last_runs(asked: int | None) -> int:
    """How many of a history's last runs are meant by ``--last``; raises `Lab4Error` for less than one."""
    if asked is None:
        return LAST_RUNS
    if asked < 1:
        raise Lab4Error(f"--last {asked}: name a positive number")
    return asked


def declare_assumption(parser: ArgumentParser) -> None:
    """Declare ``--assume-same-machine``."""
    parser.add_argument(
        "--assume-same-machine",
        action="store_true",
        help="take runs whose files name no CPU model or number of cores as runs of one machine",
    )


def actions_of(parser: ArgumentParser) -> dict[str, ArgumentParser]:
    """The parsers of a command's actions, by their names."""
    actions = [action for action in parser._actions if isinstance(action, _SubParsersAction)]  # noqa: SLF001  # argparse lists them nowhere else
    return {name: own for action in actions for name, own in action.choices.items()}


def declare_json(parser: ArgumentParser) -> None:
    """Declare ``--json`` where the parser, or each of its actions, has none."""
    for own in [*actions_of(parser).values()] or [parser]:
        if "--json" not in own._option_string_actions:  # noqa: SLF001  # the same
            own.add_argument("--json", action="store_true", help="print JSON, in base units")


def answer(arguments: Namespace, text: str, plain: object) -> None:
    """Print a command's answer: the text, or with ``--json`` the JSON of what it says."""
    print(json.dumps(printable_values(plain), indent=2, allow_nan=False) if arguments.json else text)


def columns(most: int = 110) -> int:
    """The characters of a line that people read: those of the terminal, at most so many, and as many elsewhere."""
    return min(most, get_terminal_size((most, 0)).columns) if sys.stdout.isatty() else most


def terminal_columns() -> int | None:
    """The characters of a line of the terminal; ``None`` where the output is none."""
    return get_terminal_size().columns if sys.stdout.isatty() else None


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


def dimensions_of(written: Sequence[str]) -> dict[str, int]:
    """The sizes of dynamic dimensions by name, from texts such as batch=1,height=320; raises `Lab4Error`."""
    return dict(_dimension(each) for text in written for each in text.split(","))


def _dimension(written: str) -> tuple[str, int]:
    name, equals, size = written.strip().rpartition("=")
    if not equals or not name or not size.isascii() or not size.isdecimal() or not 0 < int(size) <= 10**9:
        raise Lab4Error(
            f"--dim {written!r}: write NAME=SIZE with a whole number from 1, such as --dim batch=1,height=320"
        )
    return name, int(size)


def rules_of(written: Sequence[str]) -> dict[str, str]:
    """The rules of inputs by name, from texts such as sr=const:16000; raises `Lab4Error`."""
    found = {}
    for text in written:
        name, equals, rule = text.partition("=")
        if not name or not equals or not rule:
            raise Lab4Error(f"--input {text!r}: write NAME=RULE, such as --input sr=const:16000")
        found[name] = rule
    return found


def declare_examples(parser: ArgumentParser) -> None:
    """Declare ``--input`` and ``--dim``."""
    parser.add_argument(
        "--input", action="append", default=[], metavar="NAME=RULE", help="values of an input, such as sr=const:16000"
    )
    parser.add_argument(
        "--dim", action="append", default=[], metavar="NAME=SIZE[,...]", help="sizes of dynamic dimensions"
    )


def write_text(path: Path | None, text: str) -> None:
    """Write a file that was asked for; raises `OutputError` where it cannot be, and leaves what was there."""
    if path is not None:
        write_atomically(path, valid_text(text).encode())
