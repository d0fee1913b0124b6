"""The tables of the form, row by row: what is printed is as it is printed."""

from lab4.analysis.latency_tables import SPREAD_NOTE
from lab4.analysis.measures import column
from lab4.analysis.tables import Column
from lab4.domain.cell import EXAMINE, LATENCY, TRAIN
from lab4.worksheet.description import Blank, FormTable

__all__ = ["DEPLOYMENT", "INFERENCE", "OTHER_TECHNIQUES", "PRUNING", "QUANTIZATION", "TRAINING"]

_ACCURACY_NOTE = (
    "Accuracy is that of the artifact in its own runtime, with its 95% Wilson interval. Accuracy loss is in percentage "
    "points against the original on the same examples, with its paired 95% interval; below zero means more accurate."
)
_SIZE_NOTE = "Sizes are the bytes of the exported artifact, on disk and gzipped (level 6); 1 MB is 1,000,000 bytes."
_REDUCTION_NOTE = "Size reduction is 1 - size / size of the original, which is {original}."
_OPTIMIZER_NOTE = (
    "The original is without optimizer state; with Adam's state its file is about three times as large, and no other "
    "format carries it."
)
_MODEL = Column("model", "Model", "text")
_SIZE = "size=Model Size on Disk"
_MODIFIED = ("accuracy", "loss", "size", "reduction", "gzip", "gzip_reduction")
_NOTES = (_ACCURACY_NOTE, _SIZE_NOTE, _REDUCTION_NOTE)


def _columns(*measures: str) -> tuple[Column, ...]:
    """Columns by their measures, under the printed heading where that is given after ``=``."""
    return tuple(column(measure, heading) for measure, _, heading in (each.partition("=") for each in measures))


def _blanks(*formats: str, technique: str = "") -> tuple[Blank, ...]:
    """Printed rows of formats on the CPU; the original's format is empty."""
    return tuple(Blank("cpu", format=fmt, technique=technique) for fmt in formats)


TRAINING = FormTable(
    key="training",
    title="Training on different hardware",
    kind=TRAIN,
    mark="training",
    columns=_columns("model", "device", "training_time", "rate", "accuracy=Validation Accuracy", "first_step"),
    blanks=(Blank("cpu"), Blank("gpu")),
    row_name="{model}, {device}",
    notes=(
        (
            "Training time is the sum of the epochs, validation not included; its spread is that sum at the pace of "
            "the fastest and of the slowest epoch. Samples/second are derived from it."
        ),
        "The first step, with tracing and compilation, is reported separately and is not part of the training time.",
        "Accuracy has its 95% Wilson interval.",
    ),
)
INFERENCE = FormTable(
    key="inference",
    title="Inference on different hardware",
    kind=LATENCY,
    mark="inference",
    columns=_columns("model", "device", "batch", "time=Inference Time", "rate", "judged", "state"),
    blanks=(Blank("cpu", 1), Blank("cpu", 32), Blank("gpu", 1), Blank("gpu", 32)),
    row_name="{model}, {device}, batch {batch}",
    notes=("The original model is timed in the usual runtime of its format, one call at a time.", SPREAD_NOTE),
)
QUANTIZATION = FormTable(
    key="quantization",
    title="Quantization of the {model}",
    kind=EXAMINE,
    mark="quantization",
    name_column=_MODEL,
    columns=_columns("accuracy", "loss", _SIZE, "reduction", "gzip", "agreement"),
    blanks=_blanks("", "tflite_float32", "tflite_float16", "tflite_int8"),
    original_name="Original Model",
    notes=(
        *_NOTES,
        "Same predictions: the share of examples for which the artifact and its original name the same class.",
    ),
    notes_of_form=(_OPTIMIZER_NOTE,),
)
PRUNING = FormTable(
    key="pruning",
    title="Pruning of the {model}",
    kind=EXAMINE,
    mark="pruning",
    name_column=_MODEL,
    columns=_columns(*_MODIFIED, "sparsity", "control_loss"),
    blanks=_blanks("") + _blanks("", "tflite_float16", "tflite_int8", technique="pruned"),
    original_name="Original Model",
    names={"tflite_float16": "Float16 Quantization", "tflite_int8": "Int8 Quantization"},
    notes=(
        *_NOTES,
        (
            "Zero weights are counted in the kernels of the exported artifact. Zeros take as many bytes on disk as "
            "other weights; only compression makes them small, so both sizes are given."
        ),
        "The control was trained on for the same epochs without pruning: the loss against it is pruning's own.",
    ),
    notes_of_form=(_OPTIMIZER_NOTE,),
)
#: For each kind of technique that the form does not print; ``{kind}`` is the kind.
OTHER_TECHNIQUES = FormTable(
    key="technique",
    title="{model} after {kind}",
    kind=EXAMINE,
    mark="",
    name_column=_MODEL,
    columns=_columns(*_MODIFIED, "promises", "control_loss"),
    original_name="Original Model",
    notes=(
        *_NOTES,
        "What a technique promises is verified in every artifact: one that does not keep it has failed.",
    ),
)
DEPLOYMENT = FormTable(
    key="deployment",
    title="Deployment formats of the {model}",
    kind=EXAMINE,
    mark="deployment",
    name_column=Column("format", "Format", "text"),
    columns=_columns(_SIZE, "relative=Size Relative to Original Model", "gzip", "loading", "accuracy", "loss"),
    blanks=_blanks("", "tflite_float32", "onnx", "saved_model", "tfjs"),
    names={"tflite_float32": "TensorFlow Lite"},
    notes=(
        "100% is the original model, {original}.",
        _SIZE_NOTE,
        "Loading time is from the file to the first result: the median, from the fastest to the slowest load.",
    ),
    notes_of_form=(_OPTIMIZER_NOTE,),
    foreign_note="{format} is loaded here by {runtime}; the runtime that it is deployed in was not timed.",
)
