"""``lab4 layers``: which layers of a quantized model lost the accuracy."""

from argparse import ArgumentParser, Namespace
from pathlib import Path

from lab4.cli.commands import Command
from lab4.cli.shared import declare_examples, dimensions_of, rules_of, terminal_columns, write_text
from lab4.domain.errors import Lab4Error

#: No model has more layers than these digits say.
_DIGITS = 6


def _declare(parser: ArgumentParser) -> None:
    parser.add_argument("original", metavar="FLOAT", help="the float model, ONNX or TFLite")
    parser.add_argument("quantized", metavar="QUANTIZED", help="the file that was quantized from it")
    declare_examples(parser)
    parser.add_argument("--dataset", metavar="DATA", default="", help="data with labels: .npz, folder or function")
    parser.add_argument(
        "--leave-float", metavar="N", default="4", help="leave up to N of the worst layers in float (default: 4)"
    )
    parser.add_argument("--json", action="store_true", help="print JSON, with all layers")
    parser.add_argument("--model-explorer", metavar="FILE", type=Path, help="write node data for Model Explorer")


def _run(arguments: Namespace) -> int:
    from lab4.bench.profiling import Asked, layers_between
    from lab4.report.profiling import layers_json, layers_nodes, layers_text

    paths = arguments.original, arguments.quantized
    asked = Asked(rules_of(arguments.input), dimensions_of(arguments.dim), arguments.dataset)
    errors, left = layers_between(*paths, asked, _count(arguments.leave_float))
    write_text(arguments.model_explorer, layers_nodes(errors))
    as_text = layers_text(*paths, errors, left, terminal_columns())
    print(layers_json(*paths, errors, left) if arguments.json else as_text)
    return 0


def _count(written: str) -> int:
    if not (written.isascii() and written.isdecimal() and len(written) <= _DIGITS):
        raise Lab4Error(f"--leave-float {written!r}: write a whole number of layers, such as 4")
    return int(written)


LAYERS = Command(
    "print the error of a quantized model by layer, and what layers in float give",
    _declare,
    _run,
    ("lab4 layers float.onnx int8.onnx --dataset labelled.npz",),
)
