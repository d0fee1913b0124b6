"""Keys and patterns of cells as earlier versions wrote them, in present terms."""

import re

#: The parts of the worksheet that keys began with, and what is measured in them.
_KINDS = {
    "training": "train",
    "inference": "latency",
    "quantization": "examine",
    "pruning": "examine",
    "deployment": "examine",
}
#: A runtime that was listed among the formats.
_RUNTIME = re.compile(r"keras_predict$")


def current_key(key: str) -> str:
    """Return a cell's key in present terms; of a key that is in them already, or is no cell's, itself.

    >>> current_key("inference/cnn-cpu-b1-keras_predict"), current_key("pruning/cnn.pruned80-cpu-onnx")
    ('latency/cnn-cpu-b1-keras:predict', 'examine/cnn.pruned80-cpu-onnx')
    """
    part, slash, cell_id = key.partition("/")
    if not slash or part not in _KINDS:
        return key
    return f"{_KINDS[part]}/{_RUNTIME.sub('keras:predict', cell_id)}"


def current_pattern(pattern: str) -> str:
    """Return patterns of cells, separated by commas, in present terms.

    >>> current_pattern("inference/*-keras_predict, cnn-*")
    'latency/*-keras:predict, cnn-*'
    """
    each = (_RUNTIME.sub("keras:predict", part.strip()) for part in pattern.split(","))
    return ", ".join(current_key(part) for part in each)
