"""The form of "Lab 4: Machine Learning Hardware Optimization": its parts, tables, rows, notes and questions.

What is printed is as it is printed; questions are worded anew. Nothing else in the suite names what stands here.
"""

from lab4.analysis.latency_tables import SPREAD_NOTE
from lab4.analysis.measures import column
from lab4.analysis.tables import Column
from lab4.domain.catalogue import Catalogue, DeviceTraits, FormatTraits, ModelTraits, TechniqueTraits
from lab4.domain.cell import EXAMINE, LATENCY, TRAIN
from lab4.worksheet.description import Blank, Form, FormPart, FormQuestion, FormTable, Priority, Techniques

__all__ = ["FORM", "OTHER_TECHNIQUES", "PRIORITIES"]

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
_SIZE = column("size", "Model Size on Disk")

_TRAINING = FormTable(
    key="training",
    title="Training on different hardware",
    kind=TRAIN,
    mark="training",
    columns=(
        column("model"),
        column("device"),
        column("training_time"),
        column("rate"),
        column("accuracy", "Validation Accuracy"),
        column("first_step"),
    ),
    blanks=(Blank("cpu"), Blank("gpu")),
    row_name="{model}, {device}",
    notes=(
        "Training time is the sum of the epochs, validation not included; its spread is that sum at the pace of the "
        "fastest and of the slowest epoch. Samples/second are derived from it.",
        "The first step, with tracing and compilation, is reported separately and is not part of the training time.",
        "Accuracy has its 95% Wilson interval.",
    ),
)
_INFERENCE = FormTable(
    key="inference",
    title="Inference on different hardware",
    kind=LATENCY,
    mark="inference",
    columns=(
        column("model"),
        column("device"),
        column("batch"),
        column("time", "Inference Time"),
        column("rate"),
        column("judged"),
        column("state"),
    ),
    blanks=(Blank("cpu", 1), Blank("cpu", 32), Blank("gpu", 1), Blank("gpu", 32)),
    row_name="{model}, {device}, batch {batch}",
    notes=("The original model is timed in the usual runtime of its format, one call at a time.", SPREAD_NOTE),
)
_QUANTIZATION = FormTable(
    key="quantization",
    title="Quantization of the {model}",
    kind=EXAMINE,
    mark="quantization",
    name_column=_MODEL,
    columns=(column("accuracy"), column("loss"), _SIZE, column("reduction"), column("gzip"), column("agreement")),
    blanks=(
        Blank("cpu"),
        Blank("cpu", format="tflite_float32"),
        Blank("cpu", format="tflite_float16"),
        Blank("cpu", format="tflite_int8"),
    ),
    original_name="Original Model",
    notes=(
        _ACCURACY_NOTE,
        _SIZE_NOTE,
        _REDUCTION_NOTE,
        "Same predictions: the share of examples for which the artifact and its original name the same class.",
    ),
    notes_of_form=(_OPTIMIZER_NOTE,),
)
_PRUNING = FormTable(
    key="pruning",
    title="Pruning of the {model}",
    kind=EXAMINE,
    mark="pruning",
    name_column=_MODEL,
    columns=tuple(
        column(name)
        for name in (
            *("accuracy", "loss", "size", "reduction", "gzip", "gzip_reduction"),
            *("sparsity", "control_loss"),
        )
    ),
    blanks=(Blank("cpu"),),
    techniques=Techniques("pruned", "cpu", ("", "tflite_float16", "tflite_int8")),
    original_name="Original Model",
    names={"tflite_float16": "Float16 Quantization", "tflite_int8": "Int8 Quantization"},
    notes=(
        _ACCURACY_NOTE,
        _SIZE_NOTE,
        _REDUCTION_NOTE,
        "Zero weights are counted in the kernels of the exported artifact. Zeros take as many bytes on disk as other "
        "weights; only compression makes them small, so both sizes are given.",
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
    columns=tuple(
        column(name)
        for name in (
            *("accuracy", "loss", "size", "reduction", "gzip", "gzip_reduction"),
            *("promises", "control_loss"),
        )
    ),
    original_name="Original Model",
    notes=(
        _ACCURACY_NOTE,
        _SIZE_NOTE,
        _REDUCTION_NOTE,
        "What a technique promises is verified in every artifact: one that does not keep it has failed.",
    ),
)
_DEPLOYMENT = FormTable(
    key="deployment",
    title="Deployment formats of the {model}",
    kind=EXAMINE,
    mark="deployment",
    name_column=Column("format", "Format", "text"),
    columns=(
        _SIZE,
        column("relative", "Size Relative to Original Model"),
        column("gzip"),
        column("loading"),
        column("accuracy"),
        column("loss"),
    ),
    blanks=(
        Blank("cpu"),
        Blank("cpu", format="tflite_float32"),
        Blank("cpu", format="onnx"),
        Blank("cpu", format="saved_model"),
        Blank("cpu", format="tfjs"),
    ),
    names={"tflite_float32": "TensorFlow Lite"},
    notes=(
        "100% is the original model, {original}.",
        _SIZE_NOTE,
        "Loading time is from the file to the first result: the median, from the fastest to the slowest load.",
    ),
    notes_of_form=(_OPTIMIZER_NOTE,),
    foreign_note="{format} is loaded here by {runtime}; the runtime that it is deployed in was not timed.",
)

PRIORITIES = (
    Priority("Highest Accuracy", "accuracy"),
    Priority("Smallest Size", "size"),
    Priority("Best Accuracy/Size Trade-off", "trade_off"),
    Priority("Mobile Deployment", "mobile"),
    Priority("Server Deployment", "server"),
)

_PARTS = (
    FormPart(
        "Part 1: Hardware performance benchmarking",
        (_TRAINING, _INFERENCE),
        ("latency_charts", "roofline_charts"),
        (
            FormQuestion(
                "On which of the measured platforms was training most efficient, and what could be the reason?",
                ("platforms", "training_gaps", "machines"),
            ),
            FormQuestion(
                "How did the batch size change inference, and how do you explain the differences you see?",
                ("batches", "inference_gaps"),
            ),
            FormQuestion(
                "Which of the architectures, {models}, made better use of the hardware?",
                ("architectures_training", "architectures_inference"),
                alone="How well did the {models} use the hardware?",
                drafts_alone=("use_of_hardware",),
            ),
        ),
    ),
    FormPart(
        "Part 2: Model quantization",
        (_QUANTIZATION,),
        (),
        (
            FormQuestion(
                "Which of the quantization techniques strikes the best balance between size and accuracy?",
                ("balance", "quantization_gaps"),
            ),
            FormQuestion(
                "What relation between numerical precision and accuracy do your figures show?", ("precision",)
            ),
            FormQuestion(
                "For which deployments would you take int8 although it may cost accuracy?", ("int8", "int8_latency")
            ),
        ),
    ),
    FormPart(
        "Part 3: Model pruning",
        (_PRUNING,),
        ("other_techniques",),
        (
            FormQuestion(
                "How well does pruning shrink the model while its accuracy is kept?", ("pruning", "pruning_gaps")
            ),
            FormQuestion("What do pruning and quantization achieve together?", ("pruning_and_quantization",)),
            FormQuestion(
                "Apart from its size, what would you expect hardware to gain from a pruned model?", ("pruned_latency",)
            ),
        ),
    ),
    FormPart(
        "Part 4: Deployment formats",
        (_DEPLOYMENT,),
        (),
        (
            FormQuestion(
                "Which format needs the least space, and what could be the reason?", ("format_sizes", "format_gaps")
            ),
            FormQuestion(
                "Besides size, what counts when a deployment format is chosen?", ("loading", "format_latency")
            ),
            FormQuestion("Which format would you deploy on a phone, and why?", ("phone_format",)),
        ),
    ),
    FormPart(
        "Part 5: Comprehensive analysis",
        (),
        ("choices", "size_chart"),
        (
            FormQuestion("Which technique gives the most accuracy for each MB?", ("efficient",)),
            FormQuestion(
                "Which techniques would you combine for a model that has to stay below 1 MB?", ("below_1_mb",)
            ),
            FormQuestion(
                "How would you go about optimizing a vision model that has to answer in real time on a smartphone?",
                ("smartphone",),
            ),
        ),
    ),
)

FORM = Form(
    name="worksheet",
    title="Lab 4: Machine Learning Hardware Optimization",
    models=("cnn", "fcnn"),
    catalogue=Catalogue(
        models={
            "cnn": ModelTraits("cnn", "CNN", original_format="keras"),
            "fcnn": ModelTraits("fcnn", "FCNN", original_format="keras"),
        },
        techniques={"pruned": TechniqueTraits("pruned", "Pruned Model", "pruning")},
        formats={
            "keras": FormatTraits("keras", "Keras (H5)"),
            "tflite_float32": FormatTraits("tflite_float32", "TFLite (Float32)"),
            "tflite_float16": FormatTraits("tflite_float16", "TFLite (Float16)"),
            "tflite_int8": FormatTraits("tflite_int8", "TFLite (Int8)"),
            "onnx": FormatTraits("onnx", "ONNX"),
            "saved_model": FormatTraits("saved_model", "SavedModel"),
            "tfjs": FormatTraits("tfjs", "TensorFlow.js"),
        },
        devices={"cpu": DeviceTraits("cpu", "CPU"), "gpu": DeviceTraits("gpu", "GPU")},
    ),
    parts=_PARTS,
    blanks=("Name", "Student ID", "Date"),
    endings=("Instructor Comments", "Grade: ___ / ___"),
    reflection=(
        "In 100 to 150 words of your own: what did you learn about optimizing for hardware, and why does it matter for "
        "machine-learning models?"
    ),
    reflection_words=(100, 150),
    findings_title="What this run found, to think about",
    findings=("platforms", "batches", "latencies", "balance", "pruning", "format_sizes"),
)
