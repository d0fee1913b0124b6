"""``lab4 install-javascript``: install the packages of the JavaScript runtimes."""

from argparse import ArgumentParser, Namespace

from lab4.cli.commands import Command
from lab4.cli.shared import answer, note


def _declare(parser: ArgumentParser) -> None:
    del parser  # it takes no arguments: the cache is the user's, or that of LAB4_CACHE


def _run(arguments: Namespace) -> int:
    from lab4.javascript.packages import install

    folder = install(note if arguments.json else print)
    answer(arguments, f"the packages of the JavaScript runtimes are in {folder}", {"folder": str(folder)})
    return 0


INSTALL_JAVASCRIPT = Command(
    "install the npm packages of TensorFlow.js, ONNX Runtime Web and LiteRT.js for the JavaScript runtimes",
    _declare,
    _run,
    ("lab4 install-javascript",),
)
