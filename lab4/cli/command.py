"""What a command is."""

from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from dataclasses import dataclass

__all__ = ["Command"]


@dataclass(frozen=True, slots=True)
class Command:
    """A command's help, its arguments, and what it does: parsed arguments to an exit code.

    A command's module imports what is heavy inside ``run``: ``lab4 --help`` imports every command.
    """

    help: str
    declare: Callable[[ArgumentParser], None]
    run: Callable[[Namespace], int]
