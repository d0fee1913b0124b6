"""Compare the suite's latency of model files with external tools' and a bare loop's: ``--help`` shows the options."""

import sys
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Callable, Sequence
from math import inf, isfinite
from pathlib import Path
from typing import Any, TypeVar

from lab4.domain.errors import CacheError, Lab4Error
from lab4.domain.text import printable

__all__ = ["main"]

_BAD_INPUT = 2
_INTERRUPTED = 130
_WIDTH = 79
#: A tool times two latencies and warms up for each; a process that takes a minute is killed.
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


def _named(kind: Callable[[str], object]) -> Any:
    """What makes an option collect pairs of a name and a value."""

    def parse(text: str) -> tuple[str, object]:
        name, equals, value = text.partition("=")
        if not (name and equals and value):
            raise ArgumentTypeError(f"{text!r} is not NAME=VALUE")
        return name, kind(value)

    return {"action": "append", "default": [], "type": parse}


def _parser() -> ArgumentParser:
    parser = ArgumentParser(
        prog="crosscheck",
        description="Compare the suite's latency of model files with external tools' and a bare loop's.",
        allow_abbrev=False,
    )
    whole, number = _positive(int), _positive(float, _MOST_SECONDS)
    parser.add_argument("files", nargs="*", type=Path, metavar="FILE", help=".tflite or .onnx file")
    parser.add_argument("--cache", type=Path, metavar="DIR", help="where the suite's own files are, without FILE")
    parser.add_argument("--threads", type=whole, default=1, metavar="N", help="threads of each tool (default: 1)")
    parser.add_argument("--batch-size", type=whole, metavar="N", help="items per call (default: 1, or the file's own)")
    parser.add_argument("--input", **_named(str), metavar="NAME=RULE", help="as pytest's --lab4-input")
    parser.add_argument("--dim", **_named(whole), metavar="NAME=SIZE", help="as pytest's --lab4-dim")
    parser.add_argument("--rounds", type=whole, default=11, metavar="N", help="interleaved rounds (default: 11)")
    parser.add_argument(
        "--seconds", type=number, default=0.3, metavar="S", help="time per tool and round (default: 0.3)"
    )
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="of the order within a round (default: 1)")
    parser.add_argument("--json", action="store_true", help="print JSON, in seconds, in place of tables")
    return parser


def _run(arguments: Namespace) -> int:
    from benchmarks.harness.crosscheck.measurement import CrosscheckOptions, crosscheck, inspected
    from benchmarks.harness.crosscheck.report import as_json, closing, text

    options = CrosscheckOptions(arguments.threads, arguments.rounds, arguments.seconds, arguments.seed)
    files = {str(path): path for path in arguments.files} if arguments.files else _cached(arguments.cache)
    # All before the first is measured, so that a typing mistake is reported at once.
    model_files = {
        name: inspected(path, arguments.batch_size, dict(arguments.input), dict(arguments.dim))
        for name, path in files.items()
    }
    checks = []
    for name, model_file in model_files.items():
        checks.append(crosscheck(name, model_file, options, _show))
        _show("")
        if not arguments.json:
            print(f"{text(checks[-1])}\n", flush=True)
    print(as_json(checks) if arguments.json else closing(checks))
    return 0


def _show(progress: str) -> None:
    if sys.stderr.isatty():
        # Over the line before; an empty one wipes it.
        print(f"\r{progress:{_WIDTH}}", end="\r", file=sys.stderr, flush=True)


def _cached(chosen: Path | None) -> dict[str, Path]:
    from benchmarks.harness.crosscheck.measurement import cached_models
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


def main(argv: Sequence[str] | None = None) -> int:
    """Cross-check the files that ``argv`` names; returns 0, 2 for bad input in one line on stderr, 130 after Ctrl+C."""
    try:
        return _run(_parser().parse_args(argv))
    except SystemExit as stop:  # argparse has printed help or what is wrong
        return stop.code if isinstance(stop.code, int) else _BAD_INPUT
    except Lab4Error as error:
        print(f"crosscheck: error: {printable(str(error))}", file=sys.stderr)
        return _BAD_INPUT
    except KeyboardInterrupt:
        return _INTERRUPTED


if __name__ == "__main__":
    sys.exit(main())
