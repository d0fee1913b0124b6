"""A user's model measured on the user's data: a Keras model, its ONNX export, and a net that nobody here wrote."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from lab4_zoo import zoo_file
from PIL import Image

from lab4.bench.bench import Bench
from lab4.bench.cells import Axes
from lab4.bench.given import source_of
from lab4.bench.profiles import QUICK, Order
from lab4.datasets import load
from lab4.domain.cell import Cell
from lab4.domain.observed import PerExample

TRAIN = """
import sys
import numpy as np
from lab4.frameworks import keras, tensorflow

tensorflow().keras.utils.set_random_seed(1)
layers = keras().layers
data = np.load(sys.argv[1])
model = keras().Sequential([layers.Input((28, 28, 1)), layers.Flatten(), layers.Dense(10, activation="softmax")])
model.compile("adam", "categorical_crossentropy")
model.fit(data["x_train"][..., None] / np.float32(255), data["y_train"], epochs=8, batch_size=16, verbose=0)
model.save(sys.argv[2])
"""


def measured(bench, name, form):
    cell = Cell.from_key(f"examine/{name}-cpu-{form}")
    return bench.examine(cell, bench.artifact(cell, bench.model(cell)))


@pytest.fixture
def run(tmp_path_factory):
    """Start a bench of sources; returns it and the list of its remarks."""
    benches = []

    def start(*sources, metrics=()):
        remarks = []
        order = Order(
            "mnist_10k",
            replace(QUICK, name="test", examined=150, loads=1),
            seed=1,
            cache=tmp_path_factory.mktemp("cache"),
            rebuild=False,
            cell_limit_s=300,
            resources=(),
            sources={each.name: each for each in sources},
            source_metrics=metrics,
        )
        benches.append(Bench(order, remarks.append))
        return benches[-1], remarks

    yield start
    for bench in benches:
        bench.close()


@pytest.fixture(scope="module")
def digits():
    """Images uint8 (n, 28, 28) and their classes, 800 to train and 200 others."""
    data = load("mnist_10k")
    return data.x_train[:800, ..., 0], data.y_train[:800], data.x_validation[:200, ..., 0], data.y_validation[:200]


def folder_of(folder, images, labels):
    for number, (image, label) in enumerate(zip(images, labels, strict=True)):
        path = folder / f"class{label}" / f"{number:04}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(image).save(path)
    return folder


def test_a_keras_model_and_its_onnx_file_on_labelled_data(tmp_path, digits, run):
    from lab4.testing.conformance import run_python

    x_train, y_train, x_test, y_test = digits
    npz, h5 = tmp_path / "digits.npz", tmp_path / "net.h5"
    np.savez(npz, x_train=x_train, y_train=np.eye(10)[y_train], x_test=x_test, y_test=np.eye(10)[y_test])
    answer = run_python(f"import sys; sys.argv[1:] = [{str(npz)!r}, {str(h5)!r}]\n{TRAIN}")
    assert answer.returncode == 0, answer.stderr
    bench, remarks = run(source_of("net", str(h5), {"input_1": "dataset:scale=1/255"}, {}, str(npz)))
    keras, lite, int8 = (measured(bench, "net", form) for form in ("keras", "tflite_float32", "tflite_int8"))
    assert keras.metrics["accuracy"].value > 0.7
    assert len(keras.metrics["accuracy"].correct) == 150
    assert lite.metrics == keras.metrics
    assert int8.metrics["accuracy"].value == pytest.approx(keras.metrics["accuracy"].value, abs=0.05)
    info = bench.dataset_info([Cell.from_key("examine/net-cpu-keras")])
    assert (info.name, info.train_images, info.validation_images) == ("digits.npz", 800, 150)
    assert any("150 of 200 examples of digits.npz are examined, chosen by the seed" in each for each in remarks)
    assert any("y_test is one-hot" in each for each in remarks)
    assert not any("guess" in each for each in remarks)
    exported = Path(bench.sources.artifact("net", "onnx").path)
    onnx = shutil.copy(exported, tmp_path / "net.onnx")
    images = folder_of(tmp_path / "images", x_test[:150], y_test[:150])
    source = source_of("net", str(onnx), {}, {}, str(images))
    rules = {source.contract.inputs[0].name: "dataset:scale=1/255"}
    again, remarks = run(replace(source, rules=rules), metrics=("accuracy", "top5", "auc"))
    found = measured(again, "net", "onnx")
    order = np.argsort(y_test[:150], kind="stable")
    assert isinstance(found.metrics["accuracy"], PerExample)
    assert found.metrics["top5"].value >= found.metrics["accuracy"].value > 0.7
    assert found.metrics["auc"].value > 0.9
    assert len(found.metrics["accuracy"].correct) == len(order)
    assert any("images has no other training part" in each for each in remarks)
    axes = Axes(("net",), (), ("cpu",), (1,), ("onnx",), sources=again.order.sources, source_formats=("onnx",))
    catalogue = again.catalogue(axes)
    assert list(catalogue.metrics) == ["accuracy", "top5", "auc"]
    (stated,) = catalogue.models["net"].values.values()
    assert stated.text.startswith("dataset images: images")
    assert stated.origin == "user"


MAGIKA = Path("magika", "models", "standard_v3_3")
#: Endings of files at hand, and what Magika calls their content.
CONTENTS = {".py": "python", ".json": "json", ".md": "markdown", ".toml": "toml", ".yml": "yaml", ".npz": "npz"}


def test_magika_knows_files_at_hand(tmp_path, run):
    """Its features are the first and last 1024 bytes of a file without white space around, 256 where there are none."""
    model = zoo_file(MAGIKA / "model.onnx")
    config = json.loads(zoo_file(MAGIKA / "config.min.json").read_text())
    size, padding = config["beg_size"], config["padding_token"]
    root = Path(__file__).parents[2]
    files = [
        path
        for folder in ("lab4", "docs", "tests/formats", "tests/plugin")
        for path in sorted((root / folder).rglob("*"))
        if path.suffix in CONTENTS and path.stat().st_size > 2 * size
    ][::10]
    rows = np.full((len(files), 2 * size), padding, np.int32)
    for row, path in zip(rows, files, strict=True):
        content = path.read_bytes()
        first = content[: config["block_size"]].lstrip()[:size]
        last = content[-config["block_size"] :].rstrip()[-size:]
        row[: len(first)] = list(first)
        row[2 * size - len(last) :] = list(last)
    labels = [config["target_labels_space"].index(CONTENTS[path.suffix]) for path in files]
    np.savez(tmp_path / "files.npz", bytes=rows, y=labels)
    bench, remarks = run(
        source_of("magika", str(model), {}, {}, str(tmp_path / "files.npz")), metrics=("accuracy", "top5")
    )
    found = measured(bench, "magika", "onnx")
    assert len(set(labels)) > 1
    assert found.metrics["accuracy"].value > 0.9
    assert found.metrics["top5"].value >= found.metrics["accuracy"].value
    assert not any("guess" in each for each in remarks)
