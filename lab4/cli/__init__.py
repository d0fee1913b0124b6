"""The command ``lab4``: one file per command (one for the two that write documents), which reads, calls one pure function and prints."""

from lab4.cli.entry import main

__all__ = ["main"]
