"""What several commands declare and say."""

import sys
from argparse import ArgumentParser

from lab4.domain.passwords import masked

__all__ = ["declare_assumption", "declare_history", "note"]


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
    print(f"lab4: note: {masked(sentence)}", file=sys.stderr)
