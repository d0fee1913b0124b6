"""TensorFlow SavedModel."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lab4.domain.catalogue import FormatTraits
from lab4.formats.format import ConversionSource, ExportSource, Format, Tolerance, conversion_errors
from lab4.frameworks import saved_model_proto, tensorflow, tfjs_graph_converter


def export(source: ExportSource, path: Path) -> None:
    """Write the inference function and the weights; training state stays out."""
    source.model.export(path)


def convert_graph(source: ConversionSource, path: Path) -> None:
    """Convert a TensorFlow.js graph model; fused operators are split, as other converters know none of them."""
    library = tfjs_graph_converter()
    with conversion_errors("tfjs-graph-converter"):
        library.graph_model_to_saved_model(
            str(source.path), str(path), ["serve"], compat_mode=library.CompatMode.TFLITE
        )
    _remove_annotations(path / "saved_model.pb")


def _remove_annotations(file: Path) -> None:
    """Remove the shapes that TensorFlow's optimizer notes at each operator: tf2onnx takes them for its attributes."""
    saved = saved_model_proto().SavedModel.FromString(file.read_bytes())
    for node in saved.meta_graphs[0].graph_def.node:
        for name in [each for each in node.attr if each.startswith("_")]:
            del node.attr[name]
    file.write_bytes(saved.SerializeToString(deterministic=True))


def kernels(path: Path) -> Iterator[Any]:
    """Read the variables from the checkpoint inside the folder; of a model without any, the graph's constants."""
    variables = path / "variables" / "variables"
    if not variables.with_suffix(".index").is_file():
        yield from _constants(path / "saved_model.pb")
        return
    checkpoint = tensorflow().train.load_checkpoint(str(variables))
    for name, shape in checkpoint.get_variable_to_shape_map().items():
        if len(shape) >= 2:  # noqa: PLR2004
            yield checkpoint.get_tensor(name)


def _constants(file: Path) -> Iterator[Any]:
    """The floating-point constants of the graph and its functions."""
    tf = tensorflow()
    graph = saved_model_proto().SavedModel.FromString(file.read_bytes()).meta_graphs[0].graph_def
    for nodes in (graph.node, *(function.node_def for function in graph.library.function)):
        for node in nodes:
            tensor = node.attr["value"].tensor
            if node.op == "Const" and len(tensor.tensor_shape.dim) >= 2 and tf.as_dtype(tensor.dtype).is_floating:  # noqa: PLR2004
                yield tf.make_ndarray(tensor)


SAVED_MODEL = Format(
    traits=FormatTraits(
        "saved_model", "SavedModel", "saved_model", "float32", "float32", runtimes=("tensorflow",), targets=("server",)
    ),
    filename="saved_model",
    distributions=("tensorflow", "tf-keras", "tfjs-graph-converter"),
    tolerance=Tolerance(1e-4, 1.0),
    export=export,
    converts={"tfjs_graph": convert_graph},
    kernels=kernels,
    excluded_from_size=frozenset({"fingerprint.pb"}),
)
