"""What a command is, and the registry of commands."""

from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from dataclasses import dataclass

from lab4.domain.registry import Registry


@dataclass(frozen=True, slots=True)
class Command:
    """A command's help, its arguments, its function (parsed arguments to an exit code), and examples of its use.

    Heavy imports belong inside ``run``: ``lab4 --help`` imports every command. Where ``declare`` has no
    ``--json``, every command has it: then it prints its answer as JSON.
    """

    help: str
    declare: Callable[[ArgumentParser], None]
    run: Callable[[Namespace], int]
    examples: tuple[str, ...] = ()


COMMANDS: Registry[Command] = Registry(
    "command",
    {
        "inspect": "lab4.cli.inspect:INSPECT",
        "profile": "lab4.cli.profile:PROFILE",
        "layers": "lab4.cli.layers:LAYERS",
        "init": "lab4.cli.init:INIT",
        "worksheet": "lab4.cli.documents:WORKSHEET",
        "report": "lab4.cli.documents:REPORT",
        "gate": "lab4.cli.gate:GATE",
        "approve": "lab4.cli.gate:APPROVE",
        "compare": "lab4.cli.compare:COMPARE",
        "history": "lab4.cli.history:HISTORY",
        "site": "lab4.cli.site:SITE",
        "class": "lab4.cli.classroom:CLASS",
        "fleet": "lab4.cli.fleet:FLEET",
        "cache": "lab4.cli.cache:CACHE",
        "schema": "lab4.cli.schema:SCHEMA",
        "install-javascript": "lab4.cli.javascript:INSTALL_JAVASCRIPT",
        "doctor": "lab4.cli.doctor:DOCTOR",
        "completion": "lab4.cli.completion:COMPLETION",
    },
)

#: Commands of the release before, and where their work is done now.
MOVED = {
    "crosscheck": "lab4 crosscheck has moved; run python -m benchmarks.harness.crosscheck at the root of a checkout"
}
