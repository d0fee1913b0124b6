"""What several commands declare and say."""

import sys
from argparse import ArgumentParser

from lab4.domain.printable import printable

__all__ = ["declare_history", "note"]


def declare_history(parser: ArgumentParser) -> None:
    """Declare ``--history``."""
    parser.add_argument(
        "--history",
        metavar="URL",
        help="folder, sqlite:///FILE or postgresql://USER@HOST/NAME (default: .benchmarks, $LAB4_HISTORY)",
    )


def note(sentence: str) -> None:
    """Tell what does not end the command."""
    print(f"lab4: note: {printable(sentence)}", file=sys.stderr)
