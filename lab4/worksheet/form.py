"""The form of "Lab 4: Machine Learning Hardware Optimization": its parts and questions, which are worded anew.

Nothing but this and its tables names what the form prints.
"""

from lab4.analysis.charts import latency_charts, roofline_charts, size_charts
from lab4.analysis.document import Document, Section, WritingSpace
from lab4.domain.catalogue import Catalogue, DeviceTraits, FormatTraits, ModelTraits, TechniqueTraits
from lab4.worksheet import artifact_drafts as artifacts
from lab4.worksheet import hardware_drafts as hardware
from lab4.worksheet.artifact_drafts import missing
from lab4.worksheet.description import Form, FormPart, FormQuestion
from lab4.worksheet.form_tables import DEPLOYMENT, INFERENCE, OTHER_TECHNIQUES, PRUNING, QUANTIZATION, TRAINING

__all__ = ["FORM"]

_HARDWARE = FormPart(
    "Part 1: Hardware performance benchmarking",
    (TRAINING, INFERENCE),
    (lambda c: latency_charts(c.observations, c.pool.smallest), lambda c: roofline_charts(c.observations)),
    (
        FormQuestion(
            "On which of the measured platforms was training most efficient, and what could be the reason?",
            (hardware.platforms, missing("training", "rate"), hardware.machines),
        ),
        FormQuestion(
            "How did the batch size change inference, and how do you explain the differences you see?",
            (hardware.batches, missing("inference", "rate")),
        ),
        FormQuestion(
            "Which of the architectures, {models}, made better use of the hardware?",
            (hardware.architectures,),
            "How well did the {models} use the hardware?",
            (hardware.use,),
        ),
    ),
)
_QUANTIZATION = FormPart(
    "Part 2: Model quantization",
    (QUANTIZATION,),
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
    (PRUNING,),
    (lambda c: (*c.tables[OTHER_TECHNIQUES.key], *artifacts.on_other_techniques(c)),),
    (
        FormQuestion(
            "How well does pruning shrink the model while its accuracy is kept?",
            (artifacts.pruning, missing("pruning", "gzip_reduction")),
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
    (DEPLOYMENT,),
    (),
    (
        FormQuestion(
            "Which format needs the least space, and what could be the reason?",
            (artifacts.format_sizes, missing("deployment", "size")),
        ),
        FormQuestion(
            "Besides size, what counts when a deployment format is chosen?",
            (artifacts.loading, artifacts.format_latency),
        ),
        FormQuestion("Which format would you deploy on a phone, and why?", (artifacts.phone_format,)),
    ),
)
_ANALYSIS = FormPart(
    "Part 5: Comprehensive analysis",
    (),
    (lambda c: (c.table("choices"), c.table("rules")), lambda c: size_charts(c.observations)),
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
    other_techniques=OTHER_TECHNIQUES,
    priorities={
        "Highest Accuracy": "accuracy",
        "Smallest Size": "size",
        "Best Accuracy/Size Trade-off": "trade_off",
        "Mobile Deployment": "mobile",
        "Server Deployment": "server",
    },
    reflection=Section("Part 6: Reflection", (WritingSpace(_REFLECTION, 100, 150),)),
    findings_title="What this run found, to think about",
    findings=(
        *(hardware.platforms, hardware.batches, hardware.latencies),
        *(artifacts.balance, artifacts.pruning, artifacts.format_sizes),
    ),
)
