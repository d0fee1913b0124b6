"""Dispatches the command line to a command, and converts errors to exit codes."""

import atexit
import gc
import os
import shlex
import sys
import traceback
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path
from typing import NoReturn, TextIO, cast

from lab4 import __version__
from lab4.cli.commands import COMMANDS, MOVED
from lab4.cli.shared import actions_of, declare_json
from lab4.dependencies import required
from lab4.domain.errors import Lab4Error, in_words
from lab4.domain.passwords import are_known, masked, remember_passwords
from lab4.domain.text import printable
from lab4.interrupts import ending_like_an_interrupt

#: Exit codes: argparse's own for bad usage, and a shell's for a process that a signal ended (128 + its number).
_BAD_INPUT = 2
_INTERRUPTED = 130
_BROKEN_PIPE = 141
#: So many more objects before cycles among them are looked for: a command needs nearly all that it reads until it ends.
_COLLECT_AFTER = 100_000


def main(argv: Sequence[str] | None = None) -> int:
    """Run ``lab4`` with these arguments (default: the process's own) and return its exit code.

    0 for success, 2 for bad input (one line on standard error), 130 after Ctrl+C. An internal error is 2 as well,
    because 1 means a regression; ``LAB4_DEBUG=1`` shows its traceback.
    """
    _open_closed()
    _escape_unprintable()
    gc.set_threshold(_COLLECT_AFTER)
    # Python looks for cycles among all objects once more as it ends, a tenth of a command that reads much.
    atexit.register(gc.freeze)
    written = sys.argv[1:] if argv is None else argv
    remember_passwords([*written, os.environ.get("LAB4_HISTORY", "")])
    with _masked_output():
        return _answered(written)


def _answered(written: Sequence[str]) -> int:
    try:
        with ending_like_an_interrupt():  # so that whatever ends a command leaves nothing behind
            code = _dispatch(written)
        sys.stdout.flush()  # here, where a closed pipe can still be handled
    except Lab4Error as error:
        return _refuse(str(error))
    except BrokenPipeError:  # the reader (head, less) has closed the pipe
        _discard_output()
        return _BROKEN_PIPE
    except OSError as error:
        try:
            sys.stdout.flush()
        except OSError:  # what was printed is on a full disk
            _discard_output()
        return _refuse(in_words(error))
    except KeyboardInterrupt:
        return _INTERRUPTED
    except Exception as error:  # noqa: BLE001  # Python's own exit code would be read as a verdict
        return _refuse(_internal_error(error, written))
    return code


def _discard_output() -> None:
    """Lead standard output to the null device: Python flushes it once more at exit, which would fail again."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _internal_error(error: Exception, argv: Sequence[str]) -> str:
    """One sentence, whatever the exception's message is."""
    package = (getattr(error, "name", None) or "").partition(".")[0].replace("_", "-")
    if isinstance(error, ModuleNotFoundError) and package in required("suite"):
        return f"{package} is not installed, which this command needs; run: pip install 'lab4[suite]'"
    if os.environ.get("LAB4_DEBUG") == "1":
        print(masked(traceback.format_exc()), file=sys.stderr)
    said = " ".join(str(error).split())
    return (
        f"internal error: this is a bug in lab4 ({type(error).__name__}{f': {said}' if said else ''}); "
        f"please report it with the command: {shlex.join(['lab4', *map(masked, argv)])} (LAB4_DEBUG=1 shows more)"
    )


def _refuse(message: str) -> int:
    print(f"lab4: error: {printable(masked(message))}", file=sys.stderr)
    return _BAD_INPUT


def _open_closed() -> None:
    """Give a process that was started without standard output or error one that leads nowhere."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115  # until the process ends


def _escape_unprintable() -> None:
    """Print an escape where a console or pipe cannot show a character, in place of a traceback."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _require_working_folder() -> None:
    try:
        Path.cwd()
    except FileNotFoundError:
        raise Lab4Error("the working folder was removed; change to another one") from None


def _dispatch(argv: Sequence[str]) -> int:
    _require_working_folder()
    named = next((each for each in argv if not each.startswith("-")), None)
    if named in MOVED:
        raise Lab4Error(MOVED[named])
    if named is not None:
        _ = COMMANDS[named]  # refuses an unknown name and lists the valid ones
    # One that comes first is all that is read: the modules of the others need not be loaded.
    parser = _parser([named] if named is not None and argv[0] == named else COMMANDS)
    try:
        arguments = parser.parse_args(argv)
    except SystemExit as stop:  # argparse has printed help, version or the error
        return stop.code if isinstance(stop.code, int) else _BAD_INPUT
    if arguments.command is None:
        parser.print_help(sys.stderr)
        return _BAD_INPUT
    return COMMANDS[arguments.command].run(arguments)


class _Parser(ArgumentParser):
    """Reports wrong arguments in printable text."""

    def error(self, message: str) -> NoReturn:
        super().error(printable(message))


def full_parser() -> ArgumentParser:
    """The parser of all commands."""
    return _parser(COMMANDS)


def _parser(names: Iterable[str]) -> ArgumentParser:
    parser = _Parser(
        prog="lab4", description="Reads runs of the lab4 suite. To measure: pytest benchmarks", allow_abbrev=False
    )
    parser.add_argument("--version", action="version", version=f"lab4 {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", title="commands")
    for name in names:
        command = COMMANDS[name]
        own = commands.add_parser(name, help=command.help, description=command.help, allow_abbrev=False)
        command.declare(own)
        declare_json(own)
        _add_examples(own, command.examples)
        for action, of_action in actions_of(own).items():
            begin = f"lab4 {name} {action}"
            _add_examples(of_action, [each for each in command.examples if f"{each} ".startswith(f"{begin} ")])
    return parser


def _add_examples(parser: ArgumentParser, examples: Sequence[str]) -> None:
    """Show these at the end of the help, each in a line of its own."""
    parser.formatter_class = RawDescriptionHelpFormatter
    title = "examples:" if len(examples) > 1 else "example:"
    lines = [*([f"{parser.epilog}\n"] if parser.epilog else []), title, *(f"  {each}" for each in examples)]
    parser.epilog = "\n".join(lines)


class _MaskedStream:
    """A text stream that masks passwords in each text that is written to it."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        self._stream.write(masked(text))
        return len(text)

    def writelines(self, lines: Iterable[str]) -> None:
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> object:
        return getattr(self._stream, name)


@contextmanager
def _masked_output() -> Iterator[None]:
    """Mask what is printed inside the block, by any library; do nothing where no password is known."""
    before = sys.stdout, sys.stderr
    if are_known():
        sys.stdout, sys.stderr = (cast("TextIO", _MaskedStream(stream)) for stream in before)
    try:
        yield
    finally:
        sys.stdout, sys.stderr = before
