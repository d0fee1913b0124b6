"""What is done with a user's model in child processes: open it, draw its inputs, make artifacts of it.

Each function runs in such a process; its arguments and results cross a pipe.
"""

import json
import zipfile
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np

from lab4 import datasets
from lab4.bench.tensorflow_jobs import OF_TENSORFLOW, keep_model, open_tensorflow
from lab4.datasets import DATASETS
from lab4.devices import DEVICES
from lab4.devices.device import place
from lab4.domain.contract import Contract, State, Stated
from lab4.domain.errors import DatasetError, UnsafeModelError
from lab4.domain.run import DatasetInfo
from lab4.domain.source import FUNCTION, KERAS_CONTAINERS, Source
from lab4.domain.untyped import Untyped
from lab4.formats import FORMATS, ExportSource, saved_model
from lab4.frameworks import h5py, keras, keras3
from lab4.functions import function_of
from lab4.inputs import (
    KnownCalls,
    StoredExamples,
    data_name,
    digest_of,
    examples_for,
    known_calls,
    labelled_for,
    parse_rule,
    read_examples,
    read_user_data,
)
from lab4.inspection import inspect_model
from lab4.measure.training import weights_sha256
from lab4.runtimes.keras_files import OF_USER, keras_inputs, keras_outputs, load_model, load_web_model

#: What is drawn in a function that builds a model follows from it.
_SEED = 0


@dataclass(frozen=True, slots=True)
class Drawn:
    """Examples that were written: the rule of each input's values, how many, and a digest of all.

    ``data`` says which data set of the user's they are of. ``labels`` is a file of what is right for each,
    ``calibration`` a folder of other examples, for int8 ranges, ``expected`` a ``.npz`` file of outputs by name that
    the model should have; ``remarks`` are what a user should know.
    """

    values: Mapping[str, Stated]
    count: int
    sha256: str
    data: DatasetInfo | None = None
    labels: Path | None = None
    calibration: Path | None = None
    expected: Path | None = None
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Limits:
    """How many examples are drawn where the user gives none, examined of those he gives, and used for int8 ranges."""

    drawn: int
    examined: int
    calibration: int


def contract_of(source: Source) -> Contract:
    """The contract of a model that must be opened for it; raises `Lab4Error`."""
    if source.container in OF_TENSORFLOW | KERAS_CONTAINERS:
        open_tensorflow()
    sizes = {name: size for name, size in source.sizes.items() if name not in source.optional_sizes}
    found = inspect_model(source.written, sizes)
    require_trusted(source, found.code)
    return found.contract


def require_trusted(source: Source, code: Sequence[str]) -> None:
    """Raise `UnsafeModelError` where the model would run ``code`` of its own and the user has not allowed that."""
    if code and not source.is_trusted:
        raise UnsafeModelError(
            f"{source.written} would run code of its own ({', '.join(code)}); let it run with --lab4-trust if "
            "you know who wrote it, leave it out of the model, or name a function that builds the model"
        )


def draw(source: Source, contract: Contract, limits: Limits, seed: int, folder: Path) -> Drawn:
    """Write examples: of the source's data set, of known calls next to its file, or drawn by the rules of the inputs.

    Raises:
        Lab4Error: where a rule is missing or does not fit, a dimension is open, or the data do not fit.
    """
    _require_no_batch(source, contract)
    if source.dataset:
        return _of_data(source, contract, limits, seed, folder)
    known, remarks = _known(source, contract)
    if known is not None:
        return _of_known(source, contract, known, (limits.examined, seed), folder)
    with DatasetError.prefixed("".join(f"{each}; " for each in remarks)):
        arrays, values = _by_rules(source, contract, limits.drawn, seed)
    _stored(contract, arrays, folder)
    return Drawn(values, limits.drawn, digest_of(arrays), remarks=remarks)


def _require_no_batch(source: Source, contract: Contract) -> None:
    """Refuse a size for the dimension that calls give sizes of their own: it would be measured with one example."""
    batch = {each.dynamic.get(0, "") for each in contract.inputs} if contract.is_batched else set()
    for name, size in source.sizes.items():
        if name in batch and size > 1:
            raise DatasetError(
                f"the dimension {name} is that of the batch, which calls have sizes of their own for: leave it out "
                f"(pytest measures calls of {size} examples with --lab4-batch-sizes {size})"
            )


def _known(source: Source, contract: Contract) -> tuple[KnownCalls | None, tuple[str, ...]]:
    """The known calls next to an ONNX file, if the user leaves an input of theirs open; why those there do not fit."""
    if source.container != "onnx":
        return None, ()
    try:
        known = known_calls(Path(source.written), contract, source.sizes)
    except DatasetError as error:
        return None, (f"{error}: the folder is not used, and values are drawn by rules",)
    is_needed = known is not None and any(name not in source.rules for name in known.inputs)
    return (known, ()) if is_needed else (None, ())


def _of_known(source: Source, contract: Contract, known: KnownCalls, limits: tuple[int, int], folder: Path) -> Drawn:
    most, seed = limits
    count, rows = min(known.count, most), slice(most)
    values = {name: Stated(known.name) for name in known.inputs if name not in source.rules}
    given = {name: known.inputs[name][rows] for name in values}
    rest, rules = _left(_bound(source, known.sizes), contract, values, count, seed)
    arrays = {**given, **rest}
    _stored(replace(contract, states=_not_given(contract, given)), arrays, folder)
    expected = None
    if not rest and known.outputs:
        expected = folder / "expected.npz"
        np.savez(expected, **{name: each[rows] for name, each in known.outputs.items()})
    info = DatasetInfo(known.name, 0, count, digest_of(arrays))
    chosen = f"the inputs are those in {known.name}, next to the file; int8 ranges are chosen from them too"
    return Drawn({**values, **rules}, count, info.sha256, info, None, None, expected, (*known.remarks, chosen))


def _of_data(source: Source, contract: Contract, limits: Limits, seed: int, folder: Path) -> Drawn:
    name = data_name(source.dataset)
    with DatasetError.prefixed(f"the data {name}: "):
        # Images that lab4 reads itself are in one layout; of arrays the user says it.
        layout = "NHWC" if source.dataset in DATASETS or Path(source.dataset).is_dir() else ""
        data = labelled_for(contract, _arrays_of(source.dataset), source.rules, source.sizes, name, layout=layout)
    remarks = list(data.remarks)
    examined, total = data.examined, data.examined.count
    if total > limits.examined:
        examined = examined.rows(_some(total, limits.examined, seed))
        remarks.append(f"{limits.examined} of {total} examples of {name} are examined, chosen by the seed")
    source = _bound(source, data.sizes)
    rest, rules = _left(source, contract, data.values, examined.count, seed)
    # A state that is given is not that of the call before.
    own = replace(contract, states=_not_given(contract, examined.arrays))
    _stored(own, {**examined.arrays, **rest}, folder)
    digests = {**examined.arrays, **rest}
    labels = calibration = None
    if examined.labels is not None:
        labels = folder / "labels.npy"
        np.save(labels, examined.labels, allow_pickle=False)
        digests["labels"] = examined.labels
    if data.training is None:
        remarks.append(f"{name} has no other training part: int8 ranges are chosen from the examples that are examined")
    else:
        calibration = folder.with_name(f"{folder.name}-calibration")
        training = data.training.rows(_some(data.training.count, limits.calibration, seed))
        others, _ = _left(source, contract, data.values, training.count, seed + 1)
        _stored(own, {**training.arrays, **others}, calibration)
        digests |= {f"calibration {each}": array for each, array in {**training.arrays, **others}.items()}
    info = DatasetInfo(
        name,
        0 if data.training is None else data.training.count,
        examined.count,
        digest_of(dict(sorted(digests.items()))),
    )
    values = {**data.values, **rules}
    return Drawn(values, examined.count, info.sha256, info, labels, calibration, remarks=tuple(remarks))


def _not_given(contract: Contract, given: Collection[str]) -> tuple[State, ...]:
    """The states whose values are not given for each example."""
    return tuple(each for each in contract.states if each.input not in given)


def _bound(source: Source, sizes: Mapping[str, int]) -> Source:
    """With the sizes of dynamic dimensions that given arrays have."""
    return replace(source, sizes={**source.sizes, **sizes})


def _some(count: int, most: int, seed: int) -> Untyped:
    """So many rows at most, in order, the same for one seed."""
    return np.sort(np.random.default_rng(seed).permutation(count)[:most])


def _arrays_of(dataset: str) -> dict[str, Any]:
    """The arrays of a user's data, or of a registered data set as float32 from 0 to 1."""
    if dataset not in DATASETS:
        return read_user_data(dataset)
    data = datasets.load(dataset)
    train, examined = datasets.images(data.x_train), datasets.images(data.x_validation)
    return {"x_train": train, "y_train": data.y_train, "x_test": examined, "y_test": data.y_validation}


def _left(
    source: Source, contract: Contract, given: Collection[str], count: int, seed: int
) -> tuple[dict[str, Any], dict[str, Stated]]:
    """The inputs that are not given, drawn by their rules."""
    inputs = tuple(each for each in contract.inputs if each.name not in given)
    if not inputs:
        return {}, {}
    rules = {name: rule for name, rule in source.rules.items() if name not in given}
    left = replace(source, rules=rules)
    return _by_rules(left, replace(contract, inputs=inputs), count, seed, is_batched=contract.is_batched)


def _by_rules(
    source: Source, contract: Contract, count: int, seed: int, *, is_batched: bool | None = None
) -> tuple[dict[str, Any], dict[str, Stated]]:
    rules = {name: parse_rule(written) for name, written in source.rules.items()}
    found = examples_for(contract, rules, source.sizes, count, seed)
    joined = np.concatenate if (contract.is_batched if is_batched is None else is_batched) else np.stack
    arrays = {name: joined([call[name] for call in found.calls]) for name in found.rules}
    return arrays, {name: Stated(rule.written, rule.origin) for name, rule in found.rules.items()}


def _stored(contract: Contract, arrays: Mapping[str, Any], folder: Path) -> None:
    states = {state.input: state.output for state in contract.states if state.input}
    ordered = {each.name: arrays[each.name] for each in contract.inputs}
    StoredExamples(ordered, contract.is_batched, states).write(folder)


def open_keras(source: Source, examples: Path, folder: Path) -> None:
    """Open a Keras model, and write it and its outputs for the examples: as H5, or a SavedModel if it is of Keras 3.

    Raises:
        Lab4Error: where it does not load, or would run code of its own.
    """
    open_tensorflow()
    with place(DEVICES["cpu"]).loose_scope():
        model = _keras_model(source)
        # Keras 3 has no lists of names; and a file with code is not opened by other processes.
        if not hasattr(model, "input_names") or source.is_trusted:
            saved_model.export(ExportSource(model), folder / FORMATS["saved_model"].filename)
            return
        stored = read_examples(examples)
        calls = list(stored.calls(1))
        outputs = [keras_outputs(model, model(keras_inputs(model, call), training=False)) for call in calls]
    joined = {name: stored.joined([np.asarray(each[name]) for each in outputs], 1) for name in outputs[0]}
    keep_model(model, joined, folder)


def made_digest(source: Source) -> str:
    """SHA-256 of the model that a function builds, as hex: of its configuration and its weights."""
    open_tensorflow()
    with place(DEVICES["cpu"]).loose_scope():
        model = _keras_model(source)
        try:
            configuration = str(model.to_json())
        except (NotImplementedError, TypeError, ValueError):  # a class of the user's, which need not have one
            configuration = type(model).__qualname__
    return sha256(f"{configuration} {weights_sha256(model)}".encode()).hexdigest()


def _keras_model(source: Source) -> Untyped:
    if source.container == FUNCTION:
        # The same model each time, also where the function draws weights: it is built for its key, and once more.
        keras().utils.set_random_seed(_SEED)
        keras().backend.reset_uids()  # names of layers are part of a configuration
        return function_of(source.written)()
    path = Path(source.written)
    if source.container == "tfjs":
        return load_web_model(path, is_trusted=source.is_trusted)
    # Each generation of Keras reads its own files best: Keras 2 exports to all formats.
    is_third = _keras_version(path).startswith("3")
    if source.container == "hdf5" and not is_third:
        return load_model(path, is_trusted=source.is_trusted, remedy=OF_USER)
    library = keras3() if is_third else keras()
    return library.models.load_model(source.written, compile=False, safe_mode=not source.is_trusted)


def _keras_version(path: Path) -> str:
    """The version of Keras that wrote an archive or an HDF5 file; empty where that does not say it."""
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as file:
            return str(json.loads(file.read("metadata.json")).get("keras_version", ""))
    try:
        with h5py().File(path, "r") as file:
            version = file.attrs.get("keras_version", "")
    except OSError:  # damaged: whoever opens it says how
        return ""
    return version.decode() if isinstance(version, bytes) else str(version)
