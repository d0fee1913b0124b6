"""``lab4 schema``: the format of run files, for other readers."""

import json
from argparse import Namespace

from lab4.cli.commands import Command


def _run(arguments: Namespace) -> int:
    del arguments  # there are none
    from lab4.history.json_schema import json_schema

    print(json.dumps(json_schema(), indent=2))
    return 0


SCHEMA = Command("print the JSON Schema of run files", lambda _: None, _run, ("lab4 schema > schema.json",))
