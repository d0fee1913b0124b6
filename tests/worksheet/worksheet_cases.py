"""Worksheets that many tests look at: of a full run, and of every odd kind of run."""

from dataclasses import replace

from lab4_examples import table_of
from worksheet_factory import CATALOGUE, at, machine, realistic, run, trained

from lab4.analysis.document import Question, Section
from lab4.domain.catalogue import ModelTraits
from lab4.domain.outcome import Failed, Measured
from lab4.report.units import sentence
from lab4.worksheet import worksheet
from lab4.worksheet.fill import _context


def filled(runs):
    """The worksheet, and what its drafts and choices are made from as a section after it."""
    tables = [table for key, found in _context(runs).tables.items() for table in found if key in FURTHER]
    made = worksheet(runs)
    return replace(made, sections=(*made.sections, Section("What it is made from", tuple(tables))))


FURTHER = {"rules", "candidates", "inference_all", "inference_roofline"}
REAL = filled([realistic(700)])

#: Every blank of the printed form: table, and the names of its rows.
FORM = {
    "training": ("CNN, CPU", "CNN, GPU", "FCNN, CPU", "FCNN, GPU"),
    "inference": tuple(f"{m}, {d}, batch {b}" for m in ("CNN", "FCNN") for d in ("CPU", "GPU") for b in (1, 32)),
    "quantization_cnn": ("Original Model", "TFLite (Float32)", "TFLite (Float16)", "TFLite (Int8)"),
    "pruning_cnn": (
        "Original Model",
        "Pruned Model",
        "Pruned + Float16 Quantization",
        "Pruned + Int8 Quantization",
    ),
    "deployment_cnn": ("Keras (H5)", "TensorFlow Lite", "ONNX", "SavedModel", "TensorFlow.js"),
    "choices": (
        "Highest Accuracy",
        "Smallest Size",
        "Best Accuracy/Size Trade-off",
        "Mobile Deployment",
        "Server Deployment",
    ),
}
MLP = ModelTraits("mlp", "MLP", "classification", "keras")
RUNS = {
    "no run": [],
    "no measurement": [run()],
    "only training": [run(at("train/cnn-cpu-b128-keras", trained()))],
    "only failures": [run(*(replace(m, outcome=Failed("it broke")) for m in realistic(70).measurements))],
    "nothing observed": [run(*(replace(m, outcome=Measured()) for m in realistic(70).measurements))],
    "one model": [realistic(70, models=("fcnn",))],
    "another model": [realistic(70, models=("mlp",), catalogue=replace(CATALOGUE, models={"mlp": MLP}))],
    "cpu and gpu": [
        realistic(70),
        realistic(70, gpu=True, started_at="2026-03-02T00:00:00Z", on=machine("gpu-box", gpu=True)),
    ],
}


def cell(made, table, row, column):
    found = table_of(made, table)
    return next(found.value(r, column) for r in found.rows if r.name == row)


def questions(made, part):
    """The questions of a part, counted from 1, with their drafts as text."""
    blocks = made.sections[part - 1].blocks
    asked = [block for block in blocks if isinstance(block, Question)]
    return [(each.text, " ".join(sentence(one) for one in each.draft)) for each in asked]


def draft(made, part, number):
    return questions(made, part)[number - 1][1]
