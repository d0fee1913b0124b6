"""The irreducible work of a quick worksheet, flat: import, train, prune, convert, load, measure, and nothing else.

One process, no pytest, no cache, no checks of outputs, no record: what a hand-written script would do for the
same tables, with the same seconds of measuring in each cell. `whole_run.py` compares the suite with it. Prints
the seconds of each stage.
"""

from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from lab4 import datasets
from lab4.bench.cells import Axes, cells, decides
from lab4.bench.keys import training_plan
from lab4.bench.profiles import QUICK
from lab4.bench.runtime_jobs import open_runtime, predict_all
from lab4.devices import DEVICES
from lab4.devices.device import place, synchronise
from lab4.domain.cell import EXAMINE, LATENCY
from lab4.domain.timing import TimingBudget
from lab4.formats import FORMATS, ExportSource, size_of
from lab4.frameworks import tensorflow, tensorflowjs, tf2onnx, tfmot
from lab4.inputs import StoredExamples
from lab4.measure.latency import time_calls
from lab4.measure.training import FitTrainer, train
from lab4.metrics import METRICS
from lab4.models import MODELS
from lab4.runtimes import RUNTIMES, Load, PythonRuntime, python_runtime
from lab4.techniques import TECHNIQUES

AXES = Axes(("cnn", "fcnn"), (("finetuned",), ("pruned80",)), ("cpu",), (1, 32), FORMATS.default)


class Stages:
    """Prints and sums the seconds between its calls."""

    def __init__(self):
        self.start = self.last = perf_counter()

    def __call__(self, name):
        """Close the stage called ``name``."""
        now = perf_counter()
        print(f"{name:12} {now - self.last:6.1f} s", flush=True)
        self.last = now


def variants(x_train, y_train, shape, classes):
    """Train, and apply each technique to the trained model."""
    made = {}
    for name in AXES.models:
        tensorflow().keras.utils.set_random_seed(1)
        model = MODELS[name].build(shape, classes)
        train(model, x_train, y_train, training_plan(QUICK.epochs, 1), synchronise)
        made[name, ()] = model
        trainer = FitTrainer(x_train, y_train, training_plan(QUICK.finetune_epochs, 1))
        for (technique,) in AXES.techniques:
            made[name, (technique,)] = TECHNIQUES[technique].apply(model, trainer)
    return made


def deployed(model):
    """The model without its optimizer, as it is exported."""
    copy = tensorflow().keras.models.clone_model(model)
    copy.set_weights(model.get_weights())
    return copy


def main():
    stage = Stages()
    for runtime in ("tensorflow", "litert", "onnxruntime"):
        open_runtime(runtime)
    tfmot(), tf2onnx(), tensorflowjs()
    stage("import")
    data = datasets.load("mnist_10k")
    x_train, x_validation = datasets.images(data.x_train), datasets.images(data.x_validation)
    shape = x_train.shape[1:]
    models = variants(x_train, data.y_train, shape, data.classes)
    stage("training")
    needed = [cell for kind in (LATENCY, EXAMINE) for cell in cells(kind, AXES) if decides(cell, AXES)]
    images = datasets.representative(data, QUICK.quantization_images, 1)
    calibration = [{"images": images[index : index + 1]} for index in range(len(images))]
    examples = StoredExamples({"images": x_validation}, is_batched=True)
    placement = place(DEVICES["cpu"])
    with TemporaryDirectory() as folder:
        paths = {}
        for cell in needed:
            form = FORMATS[cell.format]
            key = (cell.model, cell.techniques, cell.format)
            if key not in paths:
                paths[key] = Path(folder, f"{cell.variant.id}-{cell.format}")
                paths[key].mkdir()
                model = deployed(models[cell.model, cell.techniques])
                form.export(ExportSource(model, calibration), paths[key] / form.filename)
        stage("conversion")
        for cell in needed:
            form = FORMATS[cell.format]
            path = paths[cell.model, cell.techniques, cell.format] / form.filename
            name = cell.runtime or form.traits.runtimes[0]
            if not isinstance(RUNTIMES[name], PythonRuntime):  # a script of Python alone: it is converted, and no more
                continue
            runtime = python_runtime(name)

            def load(batch_size, form=form, path=path, runtime=runtime):
                return runtime.load(path, form.traits.container, Load(placement, examples.call(0, batch_size), 1))

            def once(runner, batch_size):
                return runner.finish(runner.run(runner.prepare(examples.call(0, batch_size))))

            if cell.kind == LATENCY:
                runner = load(cell.batch_size)
                with runner.scope():
                    inputs = runner.prepare(examples.call(0, cell.batch_size))
                    runner.run(inputs)
                    time_calls(partial(runner.run, inputs), TimingBudget(QUICK.latency_s, QUICK.min_calls))
            else:
                for _ in range(QUICK.loads):
                    once(load(1), 1)
                size_of(path)
                (outputs,) = predict_all(load(100), examples, 100).values()
                METRICS["accuracy"].compute(outputs, data.y_validation)
        stage("measuring")
    print(f"total        {perf_counter() - stage.start:6.1f} s")


if __name__ == "__main__":
    main()
