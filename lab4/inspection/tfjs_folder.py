"""TensorFlow.js models: ``model.json`` and the manifest of its weights; the binary files are only looked for."""

import json
from collections.abc import Iterator, Mapping
from math import prod
from pathlib import Path
from typing import Any

from lab4.domain.contract import Contract, Dimension, TensorSpec
from lab4.domain.errors import ConversionError
from lab4.domain.inspected import Inspected
from lab4.domain.text import first_line
from lab4.domain.untyped import Untyped
from lab4.inspection.guesses import image_layout
from lab4.inspection.keras_config import contract_of, foreign_code, layer_classes
from lab4.inspection.reader import Reader
from lab4.inspection.sums import operators_of, weights_of

_FILE = "model.json"
_FRAME = {"InputLayer", "Placeholder", "Const", "Identity", "NoOp"}
_BYTES = {"float32": 4, "int32": 4, "complex64": 8, "float16": 2, "uint16": 2, "uint8": 1, "bool": 1, "string": 1}


def _recognises(path: Path) -> bool:
    return (path / _FILE).is_file() or (path.is_file() and path.name == _FILE)


def _read(path: Path, dimensions: Mapping[str, int]) -> Inspected:
    del dimensions
    file = path / _FILE if path.is_dir() else path
    try:
        model = json.loads(file.read_bytes())
        topology = model["modelTopology"]
        manifest = model.get("weightsManifest", [])
        weights = list(_weights(manifest))
        is_graph = "node" in topology
        contract = _signature(model) if is_graph else contract_of(_keras(topology), file.name)
        kinds = [node["op"] for node in topology["node"]] if is_graph else layer_classes(_keras(topology))
        paths = [name for group in manifest for name in group["paths"]]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ConversionError(f"{file.name} is no TensorFlow.js model, or damaged: {first_line(error)}") from error
    absent = [name for name in paths if not (file.parent / name).is_file()]
    made_by = next((str(model[name]) for name in ("convertedBy", "generatedBy") if model.get(name)), "")
    return Inspected(
        container="tfjs_graph" if is_graph else "tfjs",
        contract=contract,
        versions={"format": str(model.get("format", "not declared")), **({"made by": made_by} if made_by else {})},
        parameters=sum(values for _, values, _ in weights),
        operators=operators_of((kind, None) for kind in kinds if kind not in _FRAME),
        weights=weights_of(weights),
        code=() if is_graph else foreign_code(_keras(topology)),
        macs_note="a TensorFlow.js model has no shapes between its operators until it is loaded",
        remarks=tuple(f"{name}, which holds its weights, is not there: it cannot be run" for name in absent),
    )


def _keras(topology: Mapping[str, Any]) -> Mapping[str, Any]:
    """The Keras configuration of a layers model."""
    found: Mapping[str, Any] = topology.get("model_config", topology)
    return found


def _weights(manifest: Untyped) -> Iterator[tuple[str, int, int]]:
    for group in manifest:
        for each in group["weights"]:
            dtype = str(each.get("quantization", {}).get("dtype", each["dtype"]))
            yield dtype, prod(each["shape"]), prod(each["shape"]) * _BYTES.get(dtype, 4)


def _signature(model: Mapping[str, Any]) -> Contract:
    """The contract of a graph model: by its signature, or else its placeholders and what no node reads."""
    signature = model.get("signature") or model.get("userDefinedMetadata", {}).get("signature") or {}
    if signature:
        inputs, outputs = (signature.get(side, {}) for side in ("inputs", "outputs"))
        return Contract(
            tuple(_tensor(*each) for each in inputs.items()), tuple(_tensor(*each) for each in outputs.items())
        )
    nodes = model["modelTopology"]["node"]
    read = {name.partition(":")[0] for node in nodes for name in node.get("input", ())}
    placeholders = [node for node in nodes if node["op"] == "Placeholder"]
    last = [node["name"] for node in nodes if node["name"] not in read]
    return Contract(tuple(map(_placeholder, placeholders)), tuple(TensorSpec(name, "unknown", None) for name in last))


def _placeholder(node: Mapping[str, Any]) -> TensorSpec:
    attributes = node["attr"]
    shape = attributes.get("shape", {}).get("shape")
    return _tensor(node["name"], {"dtype": attributes["dtype"]["type"], "tensorShape": shape})


def _tensor(name: str, info: Mapping[str, Any]) -> TensorSpec:
    written = str(info["dtype"]).removeprefix("DT_").lower()
    dtype = {"float": "float32", "double": "float64"}.get(written, written)
    shape = info.get("tensorShape")
    if shape is None or shape.get("unknownRank"):
        return TensorSpec(name, dtype, None)
    sizes = [int(each["size"]) for each in shape.get("dim", ())]
    dimensions = tuple(Dimension(size) if size >= 0 else Dimension(None) for size in sizes)
    return TensorSpec(name, dtype, dimensions, image_layout(dimensions))


TFJS_FOLDER = Reader("tfjs", "TensorFlow.js", f"a folder with {_FILE}", _recognises, _read, is_folder=True)
