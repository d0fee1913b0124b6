"""The description of a command."""

from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Command:
    """A command's help, its arguments, and its function: parsed arguments to an exit code.

    Heavy imports belong inside ``run``, because ``lab4 --help`` imports every command's module.
    """

    help: str
    declare: Callable[[ArgumentParser], None]
    run: Callable[[Namespace], int]
