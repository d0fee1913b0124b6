"""What is done with a user's model in child processes: open it, draw its inputs, make artifacts of it.

Each function runs in such a process; its arguments and results cross a pipe.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from lab4.bench.tensorflow_jobs import OF_TENSORFLOW, keep_model, open_tensorflow
from lab4.devices import DEVICES
from lab4.devices.device import place
from lab4.domain.contract import Contract, Stated
from lab4.domain.errors import UnsafeModelError
from lab4.domain.source import KERAS_CONTAINERS, Source
from lab4.domain.untyped import Untyped
from lab4.formats import FORMATS
from lab4.frameworks import keras3
from lab4.functions import function_of
from lab4.inputs import StoredExamples, examples_for, parse_rule, read_examples
from lab4.inspection import inspect_model
from lab4.runtimes.keras_files import keras_inputs, keras_outputs, load_model


@dataclass(frozen=True, slots=True)
class Drawn:
    """Examples that were written: the rule of each input's values, how many, and a digest of all."""

    values: Mapping[str, Stated]
    count: int
    sha256: str


def contract_of(source: Source) -> Contract:
    """The contract of a model that must be opened for it; raises `Lab4Error`."""
    if source.container in OF_TENSORFLOW | KERAS_CONTAINERS:
        open_tensorflow()
    found = inspect_model(source.written, source.sizes)
    if found.code:
        raise UnsafeModelError(
            f"{source.written} would run code of its own ({', '.join(found.code)}); leave it out of the model, or name "
            "a function that builds the model"
        )
    return found.contract


def draw(source: Source, contract: Contract, count: int, seed: int, folder: Path) -> Drawn:
    """Draw examples by the rules of the inputs and write them.

    Raises:
        Lab4Error: where a rule is missing or does not fit, or a dimension is open.
    """
    rules = {name: parse_rule(written) for name, written in source.rules.items()}
    found = examples_for(contract, rules, source.sizes, count, seed)
    arrays = {
        name: (np.concatenate if contract.is_batched else np.stack)([call[name] for call in found.calls])
        for name in found.rules
    }
    states = {state.input: state.output for state in contract.states if state.input}
    StoredExamples(arrays, contract.is_batched, states).write(folder)
    values = {name: Stated(rule.written, rule.origin) for name, rule in found.rules.items()}
    return Drawn(values, count, _digest(arrays))


def _digest(arrays: Mapping[str, Any]) -> str:
    digest = hashlib.sha256()
    for name, array in arrays.items():
        digest.update(f"{name} {array.dtype} {array.shape}".encode())
        digest.update(array.tobytes() if array.dtype != object else repr(array.tolist()).encode())
    return digest.hexdigest()


def open_keras(source: Source, examples: Path, folder: Path) -> None:
    """Open a Keras model, and write it and its outputs for the examples: as H5, or a SavedModel if it is of Keras 3.

    Raises:
        Lab4Error: where it does not load, or would run code of its own.
    """
    open_tensorflow()
    with place(DEVICES["cpu"]).loose_scope():
        model = _keras_model(source)
        if not hasattr(model, "input_names"):  # Keras 3 has no such lists
            model.export(str(folder / FORMATS["saved_model"].filename), verbose=False)
            return
        calls = list(read_examples(examples).calls(1))
        outputs = [keras_outputs(model, model(keras_inputs(model, call), training=False)) for call in calls]
    joined = {name: np.concatenate([np.asarray(each[name]) for each in outputs]) for name in outputs[0]}
    keep_model(model, joined, folder)


def _keras_model(source: Source) -> Untyped:
    if source.container == "function":
        return function_of(source.written)()
    if source.container == "hdf5":
        return load_model(Path(source.written))
    return keras3().saving.load_model(source.written, compile=False, safe_mode=True)
