"""Calls whose inputs and outputs are known: folders ``test_data_set_*`` next to an ONNX file.

In each, ``input_0.pb`` is the first input as a ``TensorProto``, ``output_0.pb`` the first output, and so on. It is the
layout of ONNX's own tests of backends, which ONNX Runtime's tools read too:
https://github.com/onnx/onnx/blob/main/docs/OnnxBackendTest.md.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from lab4.domain.contract import Contract, TensorSpec
from lab4.domain.errors import DatasetError, UnavailableError
from lab4.domain.text import first_line
from lab4.domain.untyped import Untyped
from lab4.frameworks import onnx
from lab4.inputs.dtypes import kind_of

_FOLDERS = "test_data_set_*"


@dataclass(frozen=True, slots=True)
class KnownCalls:
    """Inputs and outputs by name, of ``count`` examples, and the sizes of dynamic dimensions that they have.

    Arrays have one example per index of the first dimension; of a model that is not batched each is a whole call.
    ``name`` says which folders they are of, ``remarks`` which are left out.
    """

    name: str
    inputs: Mapping[str, Any]
    outputs: Mapping[str, Any]
    sizes: Mapping[str, int]
    remarks: tuple[str, ...] = ()

    @property
    def count(self) -> int:
        """How many examples there are."""
        return min(map(len, self.inputs.values()))


@dataclass(frozen=True, slots=True)
class _Call:
    folder: str
    inputs: Mapping[str, Any]
    outputs: Mapping[str, Any]
    sizes: Mapping[str, int]

    def shapes(self, start: int) -> dict[str, tuple[int, ...]]:
        return {name: each.shape[start:] for name, each in {**self.inputs, **self.outputs}.items()}


def known_calls(model: Path, contract: Contract, sizes: Mapping[str, int]) -> KnownCalls | None:
    """Read the folders next to the model; ``sizes`` are those of dynamic dimensions that the user gives.

    ``None`` where there is none. Of calls of other dimensions than the first call's none is used: they are no examples
    of one kind.

    Raises:
        DatasetError: where the first folder does not read, or does not fit the model.
    """
    folders = sorted(filter(Path.is_dir, model.parent.glob(_FOLDERS)), key=lambda each: (len(each.name), each.name))
    if not folders:
        return None
    first = _read(folders[0], contract, sizes)
    used, remarks = [first], []
    start = 1 if contract.is_batched else 0
    for folder in folders[1:]:
        try:
            call = _read(folder, contract, sizes)
        except DatasetError as error:
            remarks.append(f"{error}: the folder is not used")
            continue
        if call.shapes(start) == first.shapes(start):
            used.append(call)
        else:
            remarks.append(f"{folder.name} has other dimensions than {first.folder}: the folder is not used")
    joined = np.concatenate if contract.is_batched else np.stack
    inputs, outputs = (
        {name: joined([getattr(call, side)[name] for call in used]) for name in getattr(first, side)}
        for side in ("inputs", "outputs")
    )
    others = f" and {len(used) - 1} more" if len(used) > 1 else ""
    return KnownCalls(f"{first.folder}{others}", inputs, outputs, first.sizes, tuple(remarks))


def fitting_calls(model: str, contract: Contract, sizes: Mapping[str, int]) -> KnownCalls | None:
    """The known calls next to a model of any kind; ``None`` where they do not fit it, too, which a run says."""
    if Path(model).suffix.lower() != ".onnx":
        return None
    try:
        return known_calls(Path(model), contract, sizes)
    except (DatasetError, UnavailableError):
        return None


def _read(folder: Path, contract: Contract, sizes: Mapping[str, int]) -> _Call:
    with DatasetError.prefixed(f"{folder.name}: "):
        inputs = _arrays(folder, "input", contract.inputs)
        if not inputs:
            raise DatasetError("it has no input_0.pb")
        bound = dict(sizes)
        for tensor in contract.inputs:
            if tensor.name in inputs:
                _require_fits(tensor, inputs[tensor.name], bound)
                # The first dimension of a batch is of each call, not of the model.
                bound |= _sizes(tensor, inputs[tensor.name], 1 if contract.is_batched else 0)
        outputs = _arrays(folder, "output", contract.outputs)
        if contract.is_batched:
            counts = {len(each) for each in inputs.values()}
            if len(counts) > 1 or 0 in counts:
                raise DatasetError("its inputs are not of one number of examples, of one at least")
            outputs = {name: each for name, each in outputs.items() if each.shape[:1] == (*counts,)}
        return _Call(folder.name, inputs, outputs, {name: size for name, size in bound.items() if name not in sizes})


def _arrays(folder: Path, side: str, tensors: Sequence[TensorSpec]) -> dict[str, Any]:
    """By name of the model's, the arrays of one side: each is the tensor that it names, or that of its number."""
    names = [tensor.name for tensor in tensors]
    found = {}
    for number, name in enumerate(names):
        path = folder / f"{side}_{number}.pb"
        if path.is_file():
            proto_name, array = _array(path)
            found[proto_name if proto_name in names else name] = array
    return found


def _array(path: Path) -> tuple[str, Untyped]:
    library = onnx()
    try:
        proto = library.TensorProto.FromString(path.read_bytes())
        array = library.numpy_helper.to_array(proto)
    except Exception as error:  # protobuf's own types, and what damaged bytes lead to
        raise DatasetError(f"{path.name} does not read as an ONNX tensor ({first_line(error)})") from error
    return str(proto.name), array


def _sizes(tensor: TensorSpec, array: Untyped, start: int) -> dict[str, int]:
    return {name: array.shape[axis] for axis, name in tensor.dynamic.items() if axis >= start}


def _require_fits(tensor: TensorSpec, array: Untyped, bound: Mapping[str, int]) -> None:
    """Refuse an array that the input does not take; ``bound`` are known sizes of dynamic dimensions."""
    if (array.dtype.kind in "OU") != (tensor.dtype == "string") or (
        kind_of(tensor) != "O" and array.dtype != np.dtype(tensor.dtype)
    ):
        raise DatasetError(f"the input {tensor.name} takes {tensor.dtype}, and this is {array.dtype}")
    if tensor.dimensions is None:
        return
    dynamic = tensor.dynamic
    wanted = [bound.get(dynamic[axis]) if axis in dynamic else each.size for axis, each in enumerate(tensor.dimensions)]
    if len(wanted) != array.ndim or any(w not in (None, s) for w, s in zip(wanted, array.shape, strict=True)):
        shapes = (" x ".join("any" if size is None else str(size) for size in each) for each in (wanted, array.shape))
        raise DatasetError(f"the input {tensor.name} takes {next(shapes)}, and this is {next(shapes)}")
