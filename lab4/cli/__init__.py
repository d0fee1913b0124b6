"""The command ``lab4``: each command reads, calls one pure function and prints."""

from lab4.cli.entry import main

__all__ = ["main"]
