"""The command ``lab4``: one file per command, which reads, calls one pure function and prints.

Knows: arguments, exit codes, standard output and error. Does not know: how anything is read, judged or drawn.
"""

from lab4.cli.entry import main

__all__ = ["main"]
