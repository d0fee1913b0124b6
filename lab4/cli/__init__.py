"""The command ``lab4``: one file per command, which reads, calls one pure function and prints."""

from lab4.cli.entry import main

__all__ = ["main"]
