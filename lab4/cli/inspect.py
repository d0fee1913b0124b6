"""``lab4 inspect``: what a model's file holds, and what can be done with it."""

from argparse import ArgumentParser, Namespace
from pathlib import Path

from lab4.cli.commands import Command
from lab4.cli.native_log import without_native_log
from lab4.cli.shared import dimensions_of, terminal_columns


def _declare(parser: ArgumentParser) -> None:
    parser.add_argument(
        "model", metavar="FILE|FUNCTION", help="a model's file or folder, or package.module:build or file.py:build"
    )
    parser.add_argument(
        "--dim",
        action="append",
        default=[],
        metavar="NAME=SIZE[,...]",
        help="sizes of dynamic dimensions, for which operations are counted (default: 1 for the batch)",
    )


def _run(arguments: Namespace) -> int:
    from lab4.bench.reach import reach_of
    from lab4.domain.contract import Stated
    from lab4.inputs import fitting_calls, stated_values
    from lab4.inspection import inspect_model
    from lab4.report.inspection import Inspection, as_json, as_text

    dimensions = dimensions_of(arguments.dim)
    with without_native_log():
        found = inspect_model(arguments.model, dimensions)
    size = _size(Path(arguments.model))
    known = fitting_calls(arguments.model, found.contract, dimensions)
    values = stated_values(found.contract)
    if known is not None:
        values |= {name: Stated(known.name) for name in known.inputs}
    about = Inspection(arguments.model, size, found, values, reach_of(found))
    print(as_json(about) if arguments.json else as_text(about, terminal_columns()))
    return 0


def _size(path: Path) -> int | None:
    if path.is_dir():
        return sum(each.stat().st_size for each in path.rglob("*") if each.is_file())
    return path.stat().st_size if path.is_file() else None


INSPECT = Command(
    "print what a model's file holds, and what can be done with it",
    _declare,
    _run,
    ("lab4 inspect model.onnx --dim height=320,width=320",),
)
