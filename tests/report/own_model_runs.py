"""A run of a user's own model, as `pytest --lab4-model` records it, for tests of reports."""

from dataclasses import replace

from worksheet_factory import CATALOGUE, NO_GPU, at, run, timed, weighed

from lab4.domain.catalogue import ModelTraits
from lab4.domain.contract import Contract, Dimension, Quantization, State, Stated, TensorSpec
from lab4.domain.observed import Agreement, Difference
from lab4.domain.outcome import Unavailable

BATCH = Dimension(None, "batch")
CONTRACT = Contract(
    inputs=(
        TensorSpec("audio", "int8", (BATCH, Dimension(512)), quantization=Quantization((0.5,), (3,))),
        TensorSpec("state", "float32", (Dimension(2), Dimension(None))),
        TensorSpec("sr", "int64", (), is_steering=True),
    ),
    outputs=(TensorSpec("speech", "float32", (BATCH,)), TensorSpec("stateN", "float32")),
    states=(State("state", "stateN", "guessed"),),
    task=Stated("classification", "guessed"),
)
VALUES = {
    "audio": Stated("range:-1,1", "guessed"),
    "state": Stated("const:0", "guessed"),
    "sr": Stated("const:16000", "user"),
}
DIFFERENCES = {"speech": Difference(0.25, 0.125, 0.75, 0.5), "stateN": Difference(0.0, 0.0, 1.0, 0.0)}
REASONS = {form: f"{CATALOGUE.format(form).label} is not made from tflite files" for form in ("keras", "tfjs")}


def artifact(outputs=DIFFERENCES, agreeing=0, total=0, of=weighed, **changes):
    """What is measured without labels."""
    agreement = Agreement(0.25, agreeing, total, outputs)
    return replace(of(), agreement=agreement, metrics={}, **changes)


def own_run(*more, contract=CONTRACT, examined=None):
    """A TFLite model, also as ONNX; two formats that it cannot be had in, and no GPU."""
    model = ModelTraits("vad", "Vad", original_format="tflite_float32", contract=contract, values=VALUES)
    call = replace(timed(1e-3), work=None, missing={"work": "not counted"}, energy=None)
    cells = (
        ("latency/vad-cpu-b1-tflite_float32", call),
        ("latency/vad-cpu-b1-onnx", call),
        ("latency/vad-gpu-b1-onnx", NO_GPU),
        ("latency/vad-gpu-b32-onnx", NO_GPU),
        ("examine/vad-cpu-tflite_float32", artifact({"speech": Difference(0.0, 0.0, 1.0, 0.5)})),
        ("examine/vad-cpu-onnx", examined or artifact()),
        *((f"examine/vad-cpu-{form}", Unavailable(reason)) for form, reason in REASONS.items()),
    )
    catalogue = replace(CATALOGUE, models={**CATALOGUE.models, "vad": model})
    return run(*(at(*each) for each in (*cells, *more)), catalogue=catalogue)
