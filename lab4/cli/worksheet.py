"""``lab4 worksheet``: runs in, the filled worksheet out."""

from argparse import ArgumentParser, Namespace
from functools import partial
from pathlib import Path

from lab4.cli.command import Command
from lab4.cli.documents import declare_files, read_runs, write_files
from lab4.cli.shared import given_text
from lab4.domain.errors import Lab4Error


def _declare(parser: ArgumentParser) -> None:
    declare_files(parser, "worksheet")
    for option, value, what in (
        ("--name", None, "the student's name"),
        ("--student-id", "ID", "the student's ID"),
        ("--date", None, "the date"),
    ):
        text = partial(given_text, option)
        parser.add_argument(option, default="", type=text, metavar=value, help=f"{what}, for the worksheet's head")
    parser.add_argument("--reflection", type=Path, metavar="FILE", help="text file with the student's own reflection")


def _run(arguments: Namespace) -> int:
    from lab4.report import Student
    from lab4.worksheet import worksheet

    reflection = None if arguments.reflection is None else _text(arguments.reflection)
    student = Student(arguments.name, arguments.student_id, arguments.date, reflection)
    return write_files([worksheet(read_runs(arguments))], arguments, student)


def _text(path: Path) -> str:
    """Read the student's text; raises `Lab4Error` where it cannot be read."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise Lab4Error(f"cannot read {path}: it is not UTF-8 text; save it as UTF-8") from None
    except (OSError, ValueError) as error:  # ValueError: a path that no system has, with a NUL in it
        raise Lab4Error(f"cannot read {path}: {getattr(error, 'strerror', None) or error}") from None


WORKSHEET = Command("fill in the worksheet from one or more runs", _declare, _run)
