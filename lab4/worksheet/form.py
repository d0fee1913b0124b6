"""The form of "Lab 4: Machine Learning Hardware Optimization": its tables row by row, its parts and questions.

What is printed in the tables is as it is printed; the questions are worded anew. Nothing but this names what it prints.
"""

from lab4.analysis.charts.artifacts import quality_charts
from lab4.analysis.charts.latencies import latency_charts
from lab4.analysis.charts.rooflines import original_rooflines
from lab4.analysis.document import Document, Section, WritingSpace
from lab4.analysis.measures import column
from lab4.analysis.tables import Column
from lab4.domain.catalogue import Catalogue, DeviceTraits, FormatTraits, ModelTraits, TechniqueTraits
from lab4.domain.cell import EXAMINE, LATENCY, TRAIN
from lab4.worksheet import artifact_drafts as artifacts
from lab4.worksheet import hardware_drafts as hardware
from lab4.worksheet.artifact_drafts import missing
from lab4.worksheet.choice_drafts import on_one_winner
from lab4.worksheet.description import Blank, Form, FormPart, FormQuestion, FormTable

_ACCURACY_NOTE = (
    "Accuracy is that of the artifact in its own runtime, with its 95% Wilson interval. Accuracy loss is in percentage "
    "points against the original on the same examples, with its paired 95% interval; below zero means more accurate."
)
_SIZE_NOTE = "Sizes are the bytes of the exported artifact on disk; 1 MB is 1,000,000 bytes."
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


_TRAINING_TABLE = FormTable(
    key="training",
    title="Training on different hardware",
    kind=TRAIN,
    mark="training",
    columns=_columns("model", "device", "training_time", "rate", "accuracy=Validation Accuracy"),
    blanks=(Blank("cpu"), Blank("gpu")),
    row_name="{model}, {device}",
    notes=(
        (
            "Training time is the sum of the epochs, validation not included; its spread is that sum at the pace of "
            "the fastest and of the slowest epoch. Samples/second are derived from it."
        ),
        "Tracing and compilation are not part of it. Accuracy has its 95% Wilson interval.",
    ),
)
_INFERENCE_TABLE = FormTable(
    key="inference",
    title="Inference on different hardware",
    kind=LATENCY,
    mark="inference",
    columns=_columns("model", "device", "batch", "time=Inference Time", "rate", "uncertainty"),
    blanks=(Blank("cpu", 1), Blank("cpu", 32), Blank("gpu", 1), Blank("gpu", 32)),
    row_name="{model}, {device}, batch {batch}",
    notes=(
        (
            "The original model is timed in the usual runtime of its format, one call at a time. Inference time is the "
            "median of uncontended calls, from p25 to p75, and samples/second is the batch size divided by it. "
            "Uncertainty is the half-width of the median's 95% interval."
        ),
    ),
)
_QUANTIZATION_TABLE = FormTable(
    key="quantization",
    title="Quantization of the {model}",
    kind=EXAMINE,
    mark="quantization",
    name_column=_MODEL,
    columns=_columns("accuracy", "loss", _SIZE, "reduction"),
    blanks=_blanks("", "tflite_float32", "tflite_float16", "tflite_int8"),
    original_name="Original Model",
    notes=_NOTES,
    notes_of_form=(_OPTIMIZER_NOTE,),
)
_PRUNING_TABLE = FormTable(
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
            "other weights; only compression makes them small, so the size gzipped (level 6) is given too."
        ),
        "The control was trained on for the same epochs without pruning: the loss against it is pruning's own.",
    ),
    notes_of_form=(_OPTIMIZER_NOTE,),
)
#: For each kind of technique that the form does not print; ``{kind}`` is the kind.
_OTHER_TECHNIQUES_TABLE = FormTable(
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
_DEPLOYMENT_TABLE = FormTable(
    key="deployment",
    title="Deployment formats of the {model}",
    kind=EXAMINE,
    mark="deployment",
    name_column=Column("format", "Format", "text"),
    columns=_columns(_SIZE, "relative=Size Relative to Original Model", "loading"),
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

_HARDWARE = FormPart(
    "Part 1: Hardware performance benchmarking",
    (_TRAINING_TABLE, _INFERENCE_TABLE),
    (lambda c: latency_charts(c.observations, c.pool.smallest), lambda c: original_rooflines(c.observations)),
    (
        FormQuestion(
            "On which of the measured platforms was training most efficient, and what could be the reason?",
            (
                hardware.one_platform,
                hardware.platforms,
                missing("training", "rate"),
                hardware.training_work,
                hardware.machines,
                hardware.second_platform,
            ),
        ),
        FormQuestion(
            "How did the batch size change inference, and how do you explain the differences you see?",
            (hardware.batches, missing("inference", "rate")),
        ),
        FormQuestion(
            "Which of the architectures, {models}, made better use of the hardware?",
            (hardware.architectures,),
            FormQuestion("How well did the {models} use the hardware?", (hardware.use,)),
        ),
    ),
)
_QUANTIZATION = FormPart(
    "Part 2: Model quantization",
    (_QUANTIZATION_TABLE,),
    (),
    (
        FormQuestion(
            "Which of the quantization techniques strikes the best balance between size and accuracy?",
            (artifacts.balance, missing("quantization", "reduction")),
        ),
        FormQuestion(
            "What relation between numerical precision and accuracy do your figures show?", (artifacts.precision,)
        ),
        FormQuestion("For which deployments would you take int8 although it may cost accuracy?", (artifacts.int8,)),
    ),
)
_PRUNING = FormPart(
    "Part 3: Model pruning",
    (_PRUNING_TABLE,),
    (lambda c: (*c.tables[_OTHER_TECHNIQUES_TABLE.key], *artifacts.on_other_techniques(c)),),
    (
        FormQuestion(
            "How well does pruning shrink the model while its accuracy is kept?",
            (artifacts.pruning, missing("pruning", "gzip_reduction"), artifacts.what_shrinks_files),
        ),
        FormQuestion("What do pruning and quantization achieve together?", (artifacts.pruning_and_quantization,)),
        FormQuestion(
            "Apart from its size, what would you expect hardware to gain from a pruned model?",
            (artifacts.pruned_latency,),
        ),
    ),
)
_DEPLOYMENT = FormPart(
    "Part 4: Deployment formats",
    (_DEPLOYMENT_TABLE,),
    (),
    (
        FormQuestion(
            "Which format needs the least space, and what could be the reason?",
            (artifacts.format_sizes, missing("deployment", "size")),
        ),
        FormQuestion(
            "Besides size, what counts when a deployment format is chosen?",
            (artifacts.times_differ, artifacts.loading, artifacts.format_latency, artifacts.where_it_runs),
        ),
        FormQuestion("Which format would you deploy on a phone, and why?", (artifacts.phone_format,)),
    ),
)
_ANALYSIS = FormPart(
    "Part 5: Comprehensive analysis",
    (),
    (lambda c: (c.table("choices"), *on_one_winner(c)), lambda c: quality_charts(c.observations, together=True)),
    (
        FormQuestion("Which technique gives the most accuracy for each MB?", (artifacts.efficient,)),
        FormQuestion(
            "Which techniques would you combine for a model that has to stay below 1 MB?", (artifacts.below_1_mb,)
        ),
        FormQuestion(
            "How would you go about optimizing a vision model that has to answer in real time on a smartphone?",
            (artifacts.smartphone,),
        ),
    ),
)

#: Labels for where no run has them; for what the runs have, the runs' own traits are used.
_MODELS = {"cnn": "CNN", "fcnn": "FCNN"}
_DEVICES = {"cpu": "CPU", "gpu": "GPU"}
_FORMATS = {
    "keras": "Keras (H5)",
    "tflite_float32": "TFLite (Float32)",
    "tflite_float16": "TFLite (Float16)",
    "tflite_int8": "TFLite (Int8)",
    "onnx": "ONNX",
    "saved_model": "SavedModel",
    "tfjs": "TensorFlow.js",
}
_PRINTED = Catalogue(
    models={name: ModelTraits(name, label, original_format="keras") for name, label in _MODELS.items()},
    techniques={"pruned": TechniqueTraits("pruned", "Pruned Model", "pruning")},
    formats={name: FormatTraits(name, label) for name, label in _FORMATS.items()},
    devices={name: DeviceTraits(name, label) for name, label in _DEVICES.items()},
)
_REFLECTION = (
    "In 100 to 150 words of your own: what did you learn about optimizing for hardware, and why does it matter for "
    "machine-learning models?"
)

FORM = Form(
    document=Document(
        "worksheet",
        "Lab 4: Machine Learning Hardware Optimization",
        (),
        (),
        blanks=("Name", "Student ID", "Date"),
        endings=("Instructor Comments", "Grade: ___ / ___"),
    ),
    models=tuple(_MODELS),
    catalogue=_PRINTED,
    parts=(_HARDWARE, _QUANTIZATION, _PRUNING, _DEPLOYMENT, _ANALYSIS),
    other_techniques=_OTHER_TECHNIQUES_TABLE,
    priorities={
        "Highest Accuracy": "accuracy",
        "Smallest Size": "size",
        "Best Accuracy/Size Trade-off": "trade_off",
        "Mobile Deployment": "mobile",
        "Server Deployment": "server",
    },
    reflection=Section("Part 6: Reflection", (WritingSpace(_REFLECTION, 100, 150),)),
    findings_title="What this run found, to think about",
    findings=(hardware.platforms, hardware.latencies, artifacts.best_balance, artifacts.pruning),
)
