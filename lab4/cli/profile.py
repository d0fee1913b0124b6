"""``lab4 profile``: where the time of a model's call goes."""

from argparse import ArgumentParser, Namespace
from pathlib import Path

from lab4.cli.commands import Command
from lab4.cli.shared import declare_examples, dimensions_of, rules_of, terminal_columns, write_text
from lab4.domain.errors import Lab4Error


def _declare(parser: ArgumentParser) -> None:
    parser.add_argument("model", metavar="FILE", help="an ONNX or TFLite model")
    declare_examples(parser)
    parser.add_argument("--html", metavar="FILE", type=Path, help="write a page with a chart of the operators")
    parser.add_argument(
        "--model-explorer", metavar="FILE", type=Path, help="write node data for Model Explorer (ONNX only)"
    )


def _run(arguments: Namespace) -> int:
    from lab4.bench.profiling import Asked, profile_of
    from lab4.report.profiling import profile_html, profile_json, profile_nodes, profile_text

    model = arguments.model
    found = profile_of(model, Asked(rules_of(arguments.input), dimensions_of(arguments.dim)))
    if arguments.model_explorer is not None and not found.is_named:
        raise Lab4Error(f"{found.runtime} does not name the operators of {model}; node data is for ONNX files only")
    write_text(arguments.html, profile_html(model, found))
    if arguments.model_explorer is not None:
        write_text(arguments.model_explorer, profile_nodes(found))
    print(profile_json(model, found) if arguments.json else profile_text(model, found, terminal_columns()))
    return 0


PROFILE = Command(
    "print the time of a model's call by operator, by its runtime's own profiler",
    _declare,
    _run,
    ("lab4 profile model.onnx", "lab4 profile model.tflite --html page.html"),
)
