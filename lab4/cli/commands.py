"""The commands there are."""

from lab4.cli.command import Command
from lab4.domain.registry import Registry

__all__ = ["COMMANDS"]

COMMANDS: Registry[Command] = Registry(
    "command",
    {
        "worksheet": "lab4.cli.worksheet:WORKSHEET",
        "cache": "lab4.cli.cache:CACHE",
        "schema": "lab4.cli.schema:SCHEMA",
    },
)
