"""The registry of commands."""

from lab4.cli.command import Command
from lab4.domain.registry import Registry

COMMANDS: Registry[Command] = Registry(
    "command",
    {
        "worksheet": "lab4.cli.worksheet:WORKSHEET",
        "report": "lab4.cli.report:REPORT",
        "gate": "lab4.cli.gate:GATE",
        "approve": "lab4.cli.approve:APPROVE",
        "compare": "lab4.cli.compare:COMPARE",
        "history": "lab4.cli.history:HISTORY",
        "cache": "lab4.cli.cache:CACHE",
        "schema": "lab4.cli.schema:SCHEMA",
        "doctor": "lab4.cli.doctor:DOCTOR",
    },
)

#: Commands of the release before, and where their work is done now.
MOVED = {
    "crosscheck": "lab4 crosscheck has moved; run python -m benchmarks.harness.crosscheck at the root of a checkout"
}
