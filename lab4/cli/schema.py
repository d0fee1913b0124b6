"""``lab4 schema``: the format of run files, for other readers."""

import json
from argparse import ArgumentParser, Namespace

from lab4.cli.commands import Command


def _declare(parser: ArgumentParser) -> None:
    del parser  # it takes no arguments


def _run(arguments: Namespace) -> int:
    del arguments
    from lab4.history.json_schema import json_schema

    print(json.dumps(json_schema(), indent=2))
    return 0


SCHEMA = Command("print the JSON Schema of run files", _declare, _run)
