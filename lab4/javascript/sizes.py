"""A TFLite file for calls of one size: LiteRT.js does not resize the inputs of a model."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from lab4.domain.errors import ConversionError
from lab4.domain.text import first_line
from lab4.domain.untyped import Untyped
from lab4.frameworks import litert_schema
from lab4.tensor_names import input_names

#: How a file says that a size is open.
_OPEN = -1


def write_for_call(path: Path, call: Mapping[str, Any], into: Path) -> None:
    """Write the model with the sizes of a call, arrays by the model's names of its inputs.

    The inputs of the main graph get these, and its other tensors the batch size where the first of their sizes is open.
    All else stays as it is, byte for byte. Raises `ConversionError` where the file is damaged, or its inputs are not
    those of the call.
    """
    content = bytearray(path.read_bytes())
    try:
        graph = litert_schema().Model.GetRootAs(content, 0).Subgraphs(0)
        tensors = [graph.Tensors(graph.Inputs(index)) for index in range(graph.InputsLength())]
        by_name = {tensor.Name().decode(): tensor for tensor in tensors}
        own = input_names(call, list(by_name), {name: each.ShapeLength() for name, each in by_name.items()})
        for name, tensor in by_name.items():
            _resize(tensor, np.shape(call[own[name]]))
        batch = tensors[0].Shape(0) if tensors and tensors[0].ShapeLength() else 1
        for tensor in map(graph.Tensors, range(graph.TensorsLength())):
            if tensor.ShapeSignatureLength() and tensor.ShapeSignature(0) == _OPEN:
                _resize(tensor, (batch, *tensor.ShapeAsNumpy()[1:]))
    except ConversionError:
        raise
    except Exception as error:  # a damaged file raises anything
        raise ConversionError(f"{path.name} is not a TFLite file that can be read: {first_line(error)}") from error
    into.write_bytes(content)


def _resize(tensor: Untyped, shape: tuple[int, ...]) -> None:
    # These arrays lie in the file's content itself.
    if tensor.ShapeLength() == len(shape):
        tensor.ShapeAsNumpy()[:] = shape
    if tensor.ShapeSignatureLength() == len(shape):
        tensor.ShapeSignatureAsNumpy()[:] = shape
