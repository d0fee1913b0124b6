"""``lab4 completion``: a script by which a shell completes commands, options and file names."""

from argparse import ArgumentParser, Namespace

from lab4.cli.commands import Command

_SHELLS = ("bash", "zsh", "tcsh")


def _declare(parser: ArgumentParser) -> None:
    parser.add_argument("shell", choices=_SHELLS, help="the shell that is to complete")


def _run(arguments: Namespace) -> int:
    from lab4.cli.entry import full_parser
    from lab4.cli.shared import answer
    from lab4.domain.errors import UnavailableError

    try:
        import shtab
    except ImportError:
        raise UnavailableError("completion needs the package shtab; run: pip install shtab") from None
    script = shtab.complete(full_parser(), arguments.shell)
    answer(arguments, script, {"shell": arguments.shell, "script": script})
    return 0


COMPLETION = Command(
    "print a script that completes commands and options in your shell",
    _declare,
    _run,
    ("lab4 completion bash > ~/.local/share/bash-completion/completions/lab4",),
)
