"""``lab4 report``: runs in, a report of everything that they measured out."""

from argparse import ArgumentParser, Namespace

from lab4.cli.command import Command
from lab4.cli.documents import declare_files, read_runs, write_files


def _declare(parser: ArgumentParser) -> None:
    declare_files(parser, "report")


def _run(arguments: Namespace) -> int:
    from lab4.analysis.overview import report

    return write_files([report(read_runs(arguments))], arguments)


REPORT = Command("report everything that one or more runs measured", _declare, _run)
