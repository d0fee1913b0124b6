"""``lab4 crosscheck``: the suite's latency beside other tools' on the same model files."""

import sys
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Callable
from math import inf, isfinite
from pathlib import Path
from typing import TypeVar

from lab4.cli.command import Command
from lab4.domain.errors import CacheError, Lab4Error

__all__ = ["CROSSCHECK"]

_WIDTH = 79
#: A contender times two things and warms up for each; a process that takes a minute is taken to hang.
_MOST_SECONDS = 10
N = TypeVar("N", int, float)


def _positive(kind: Callable[[str], N], most: float = inf) -> Callable[[str], N]:
    def parse(text: str) -> N:
        try:
            value = kind(text)
        except ValueError:
            value = kind("0")
        if not (value > 0 and isfinite(value)):
            raise ArgumentTypeError(f"{text!r} is not a positive number")
        if value > most:
            raise ArgumentTypeError(f"{text!r} is more than {most:g}")
        return value

    return parse


def _declare(parser: ArgumentParser) -> None:
    whole, number = _positive(int), _positive(float, _MOST_SECONDS)
    parser.add_argument("files", nargs="*", type=Path, metavar="FILE", help=".tflite or .onnx file with one input")
    parser.add_argument("--cache", type=Path, metavar="DIR", help="where the suite's own files are, without FILE")
    parser.add_argument("--threads", type=whole, default=1, metavar="N", help="threads of each contender (default: 1)")
    parser.add_argument("--batch-size", type=whole, default=1, metavar="N", help="items a call (default: 1)")
    parser.add_argument("--rounds", type=whole, default=11, metavar="N", help="turns of each contender (default: 11)")
    parser.add_argument("--seconds", type=number, default=0.3, metavar="S", help="of calls in a turn (default: 0.3)")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="of the order of the turns (default: 1)")
    parser.add_argument("--json", action="store_true", help="print JSON, in seconds, in place of tables")


def _run(arguments: Namespace) -> int:
    from lab4.bench.crosscheck import Wish, crosscheck, inspected
    from lab4.report.crosscheck import as_json, closing, text

    wish = Wish(arguments.threads, arguments.batch_size, arguments.rounds, arguments.seconds, arguments.seed)
    files = {str(path): path for path in arguments.files} if arguments.files else _cached(arguments.cache)
    # All before the first is measured: nobody wants to be told of a typing mistake after minutes.
    subjects = {name: inspected(path, wish.batch_size) for name, path in files.items()}
    checks = []
    for name, subject in subjects.items():
        checks.append(crosscheck(name, subject, wish, _show))
        _show("")
        if not arguments.json:
            print(f"{text(checks[-1])}\n", flush=True)
    print(as_json(checks) if arguments.json else closing(checks))
    return 0


def _show(progress: str) -> None:
    if sys.stderr.isatty():
        # Over what stood there; an empty one wipes it.
        print(f"\r{progress:{_WIDTH}}", end="\r", file=sys.stderr, flush=True)


def _cached(chosen: Path | None) -> dict[str, Path]:
    from lab4.bench.crosscheck import cached_models
    from lab4.cache import default_folder

    folder = default_folder() if chosen is None else chosen
    if chosen is not None and not folder.is_dir():
        raise CacheError(f"there is no folder {folder}; leave out --cache for the default one")
    found = cached_models(folder)
    if not found:
        raise Lab4Error(
            f"the cache {folder} has no .tflite or .onnx file; name one, or fill it: pytest benchmarks -m inference"
        )
    return found


CROSSCHECK = Command("compare the suite's latency of model files with other tools' and a bare loop's", _declare, _run)
