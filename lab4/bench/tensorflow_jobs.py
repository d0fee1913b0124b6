"""What TensorFlow's process does: train, optimize, export, count operations.

Each function runs in that process; its arguments and results cross a pipe.
"""

import gc
from collections.abc import Mapping, Sequence
from functools import lru_cache
from math import prod
from pathlib import Path
from typing import Any

import numpy as np

from lab4 import datasets
from lab4.bench.specs import Calibration, TrainSpec
from lab4.bench.train_by import TRAIN_BY
from lab4.devices import DEVICES
from lab4.devices.device import Device, place, prepare_tensorflow, synchronise
from lab4.domain.catalogue import RECONSTRUCTION
from lab4.domain.errors import ConversionError, Lab4Error, UnavailableError
from lab4.domain.observed import PerExample, Score, Training, Work
from lab4.domain.untyped import Untyped
from lab4.formats import FORMATS, ConversionSource, ExportSource, keras_h5
from lab4.frameworks import keras, tensorflow
from lab4.inputs import StoredExamples, read_examples
from lab4.kernels import without_gc
from lab4.measure.cores import pinned
from lab4.measure.training import FitTrainer, loss_for, train, weights_sha256
from lab4.metrics import computed
from lab4.models import MODELS
from lab4.runtimes.keras_files import keras_outputs, load_model
from lab4.techniques import TECHNIQUES
from lab4.tensor_names import input_names

MODEL_FILE = "model.h5"
REFERENCE_FILE = "reference.npz"
_BATCH = 500
#: Bytes of an input or output, and of a weight, by what they are multiplied in: int16 values by int8 weights.
_VALUE_BYTES = {"float32": 4, "int16": 2, "int8": 1}
_WEIGHT_BYTES = {**_VALUE_BYTES, "int16": 1}
#: Heavy operators that TensorFlow's profiler has no count for, or does not look into: with them its sum is too small.
_UNCOUNTED = frozenset({"Einsum", "PartitionedCall", "StatefulPartitionedCall", "StatelessWhile", "While"})


#: Containers that TensorFlow must be open for.
OF_TENSORFLOW = frozenset({"saved_model", "tfjs_graph"})
_OPENED: list[tuple[str, ...]] = []


def import_tensorflow() -> None:
    """Import TensorFlow and Keras without opening them; raises `UnavailableError` where one is not to be had.

    Of the million objects that this makes none is garbage: to look for it would take a fifth of the time. Nor are
    they looked at later, so that copies of this process share their memory.
    """
    with without_gc():
        keras()
        gc.freeze()


def open_tensorflow(threads: int | None = None) -> tuple[str, ...]:
    """Open TensorFlow, set its placement rules, and say which devices it sees.

    The first call decides on the process's threads, ``None`` for one per core.
    """
    if not _OPENED:
        with pinned(threads):  # where its pool starts
            prepare_tensorflow(threads)
            _OPENED.append(tuple(filter(_is_here, DEVICES)))
    return _OPENED[0]


def _is_here(device: str) -> bool:
    try:
        place(DEVICES[device])
    except Lab4Error:  # not here, or another package's that cannot be used
        return False
    return True


@lru_cache(maxsize=1)
def _arrays(path: Path) -> tuple[Any, Any, Any, Any]:
    """Training and validation images as float32 in 0..1, and their labels."""
    data = datasets.load_arrays(path)
    return datasets.images(data.x_train), data.y_train, datasets.images(data.x_validation), data.y_validation


def _of_task(model: str, path: Path) -> tuple[Any, Any, Any, Any]:
    """Training and validation images, each with what the model shall return: labels, or the images' own values."""
    x_train, y_train, x_validation, y_validation = _arrays(path)
    if MODELS[model].traits.task != RECONSTRUCTION:
        return x_train, y_train, x_validation, y_validation
    return x_train, datasets.features(x_train), x_validation, datasets.features(x_validation)


def _inference(model: Untyped) -> Untyped:
    """The model's call as a graph."""
    return tensorflow().function(lambda batch: model(batch, training=False))


def _predicted(infer: Untyped, images: Untyped, placement: Device) -> Any:  # noqa: ANN401
    """What a graph returns for all images, in batches."""
    tf = tensorflow()
    with placement.scope():
        batches = [
            infer(tf.constant(images[start : start + _BATCH])).numpy() for start in range(0, len(images), _BATCH)
        ]
    return np.concatenate(batches)


def keep_model(model: Untyped, outputs: Mapping[str, Any], folder: Path) -> None:
    """Write a Keras model and its outputs for the examples into the folder."""
    keras_h5.export(ExportSource(model), folder / MODEL_FILE)
    np.savez(folder / REFERENCE_FILE, **outputs)


def train_model(
    spec: TrainSpec, metrics: Sequence[str], folder: Path
) -> tuple[Training, dict[str, PerExample | Score]]:
    """Train a model from its seed; its file and its outputs on the validation images go to ``folder``."""
    open_tensorflow()
    placement = place(DEVICES[spec.device])
    x_train, targets, x_validation, expected = _of_task(spec.model, spec.dataset.path)
    with placement.loose_scope():
        # Initial weights come from the seed too; and names of layers from the model alone, as they are in its files.
        tensorflow().keras.utils.set_random_seed(spec.plan.seed)
        keras().backend.reset_uids()
        model = MODELS[spec.model].build(spec.dataset.image_shape, spec.dataset.classes)
        epochs = TRAIN_BY[spec.by](placement)
        infer, loss = _inference(model), loss_for(expected)
        last: dict[str, Any] = {}

        def score(trained: Untyped) -> dict[str, float]:
            outputs = _predicted(infer, x_validation, placement)  # the graph reads the weights
            last.clear()
            last[weights_sha256(trained)] = outputs
            values = computed(metrics, outputs, expected)[0]
            return {"loss": float(loss(expected, outputs))} | {name: each.value for name, each in values.items()}

        training = train(model, x_train, targets, spec.plan, synchronise, epochs=epochs, score=score)
    for weight in model.weights:
        placement.check(weight)
    if training.weights_sha256 not in last:  # those of a program that was refused
        last[training.weights_sha256] = _predicted(infer, x_validation, placement)
    outputs = keras_outputs(model, last[training.weights_sha256])
    keep_model(model, outputs, folder)
    return training, computed(metrics, next(iter(outputs.values())), expected)[0]


def apply_technique(name: str, source: Path, spec: TrainSpec, folder: Path) -> None:
    """Apply a technique to the trained ``spec.model`` in the folder ``source``; the result goes to ``folder``."""
    open_tensorflow()
    placement = place(DEVICES[spec.device])
    x_train, targets, x_validation, _ = _of_task(spec.model, spec.dataset.path)
    with placement.scope():
        keras().backend.reset_uids()
        model = TECHNIQUES[name].apply(load_model(source / MODEL_FILE), FitTrainer(x_train, targets, spec.plan))
    outputs = keras_outputs(model, _predicted(_inference(model), x_validation, placement))
    keep_model(model, outputs, folder)


def write_calibration(dataset: Path, count: int, seed: int, folder: Path) -> None:
    """Write training images for int8 ranges as examples; ``dataset`` is the file of `LoadedDataset.path`."""
    images = datasets.representative(datasets.load_arrays(dataset), count, seed)
    StoredExamples({"images": images}, is_batched=True).write(folder)


def export(form: str, model: Path, calibration: Calibration, folder: Path) -> None:
    """Write the Keras model in the file ``model`` as an artifact into ``folder``.

    Raises `ConversionError` where the format's library refuses it.
    """
    open_tensorflow()
    fmt, loaded = FORMATS[form], _model(model)
    if fmt.export is None:
        raise ConversionError(f"{fmt.label} is not written from a Keras model")
    given = calls_of(calibration)
    own = input_names(given[0], loaded.input_names)
    calls = [{name: call[own[name]] for name in loaded.input_names} for call in given]
    with place(DEVICES["cpu"]).scope():
        fmt.export(ExportSource(loaded, calls), folder / fmt.filename)


def convert(form: str, path: Path, container: str, calibration: Calibration, folder: Path) -> None:
    """Write the artifact at ``path`` in another format into ``folder``.

    Raises `ConversionError` where the format's library refuses it.
    """
    if container in OF_TENSORFLOW:
        open_tensorflow()
    fmt = FORMATS[form]
    fmt.converts[container](ConversionSource(path, calls_of(calibration)), folder / fmt.filename)


def calls_of(calibration: Calibration) -> list[dict[str, Any]]:
    """The inputs of calls of one example."""
    stored = read_examples(calibration.examples)
    return [stored.call(number, 1) for number in range(min(calibration.count, stored.count))]


#: One model is exported in many formats, one after another.
_model = lru_cache(maxsize=1)(load_model)


def count_work(source: Path, batch_size: int, arithmetic: str) -> Work:
    """Count what a call on ``batch_size`` images needs, of the Keras model in the folder ``source``.

    Operations are those of TensorFlow's own profiler: a multiply-add counts as two; bias, pooling and softmax count,
    ReLU and reshaping do not, and a padded border counts as if it were multiplied. Arithmetic is dense: the zeros of a
    pruned model are multiplied like any other weight, as every runtime here does. It is the same for every precision.
    Weights are read once; input and output are added at as many bytes per value as ``arithmetic`` (``float32``,
    ``int16`` or ``int8``) takes. What lies between the layers is taken to stay in the cache. Raises `UnavailableError`
    if the model has operators that the profiler cannot count, and `ValueError` if ``arithmetic`` is another.
    """
    open_tensorflow()
    parameters, operations, values = _counted(source, batch_size)
    return _work(operations, values, parameters * _WEIGHT_BYTES.get(arithmetic, 0), arithmetic)


@lru_cache(maxsize=64)
def _counted(source: Path, batch_size: int) -> tuple[int, int, int]:
    """The parameters of a model; operations of a call, and the values of its input and output."""
    with place(DEVICES["cpu"]).scope():
        model = _model(source / MODEL_FILE)
        return int(model.count_params()), *_operations(model, batch_size)


def _work(operations: int, values: int, weight_bytes: int, arithmetic: str) -> Work:
    if arithmetic not in _VALUE_BYTES:
        raise ValueError(f"unknown arithmetic {arithmetic!r}; expected one of {', '.join(_VALUE_BYTES)}")
    return Work(operations, weight_bytes + values * _VALUE_BYTES[arithmetic], arithmetic)


def _operations(model: Untyped, batch_size: int) -> tuple[int, int]:
    """The operations of a call of a Keras model with one input and one output, and the values of both."""
    tf = tensorflow()
    images = tf.TensorSpec((batch_size, *model.input_shape[1:]), tf.float32)
    call = tf.function(lambda inputs: model(inputs, training=False)).get_concrete_function(images)
    (output,) = call.outputs
    if uncounted := sorted({node.type for node in call.graph.get_operations()} & _UNCOUNTED):
        raise UnavailableError(f"TensorFlow's profiler cannot count the operations of {', '.join(uncounted)}")
    builder = tf.compat.v1.profiler.ProfileOptionBuilder
    # Without an output of its own: it prints its whole table otherwise.
    options = builder(builder.float_operation()).with_empty_output().build()
    profile = tf.compat.v1.profiler.profile(call.graph, cmd="scope", options=options)
    return int(profile.total_float_ops), prod(images.shape) + prod(output.shape)
