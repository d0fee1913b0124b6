"""Entries of other packages are chosen by name or by a word; installed and unused, they change nothing."""

import os

import pytest
from lab4_strangers import write_package

FORMAT = """
    from lab4.domain.catalogue import FormatTraits
    from lab4.formats import Format, Tolerance
    from lab4.formats.onnx import export, kernels

    MINE = Format(
        traits=FormatTraits("my-onnx.v2", "Mine", "onnx", "float32", "float32", ("onnxruntime",), ("server",)),
        filename="model.onnx", distributions=(), tolerance=Tolerance(1.0, 0.9), export=export, kernels=kernels,
    )
"""
TECHNIQUE = """
    from lab4.domain.catalogue import TechniqueTraits

    class Mine:
        traits = TechniqueTraits("clustered", "Clustered", "clustering")
        checks, distributions = (), ()

        def apply(self, model, trainer): ...

    MINE = Mine()
"""
NARROW = ("--lab4-models", "fcnn", "--lab4-devices", "cpu", "--lab4-batch-sizes", "1")


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """The environment of processes that have a package with four entries, two of which cannot be used."""
    folder = tmp_path_factory.mktemp("packages")
    points = {
        ("lab4.formats", "my-onnx.v2"): "acme_format:MINE",
        ("lab4.formats", "broken"): "acme_broken:MINE",
        ("lab4.formats", "a b"): "acme_format:MINE",
        ("lab4.techniques", "clustered"): "acme_technique:MINE",
    }
    modules = {"acme_format.py": FORMAT, "acme_technique.py": TECHNIQUE, "acme_broken.py": "import no_such_module"}
    write_package(folder, "acme", points, modules)
    return {"PYTHONPATH": os.pathsep.join([str(folder), os.environ.get("PYTHONPATH", "")])}


@pytest.fixture
def ids(suite, installed):
    """The ids of latency cells that a selection collects."""

    def collect(*arguments):
        answer = suite("--collect-only", "-q", "-m", "latency", *NARROW, *arguments, **installed)
        assert answer.returncode == 0, answer.stdout + answer.stderr
        return [line.partition("[")[2].removesuffix("]") for line in answer.stdout.splitlines() if "::" in line]

    return collect


def test_the_default_is_the_projects_own_entries(ids, selected):
    assert ids() == selected("-m", "latency", *NARROW)


def test_another_packages_entry_is_chosen_by_its_name(ids):
    assert ids("--lab4-formats", "keras,my-onnx.v2", "--lab4-techniques", "clustered,pruned80.clustered") == [
        "fcnn-cpu-b1-keras",
        "fcnn-cpu-b1-keras:predict",
        "fcnn-cpu-b1-[my-onnx.v2]",
        "fcnn.clustered-cpu-b1-keras",
        "fcnn.clustered-cpu-b1-keras:predict",
        "fcnn.clustered-cpu-b1-[my-onnx.v2]",
        "fcnn.pruned80.clustered-cpu-b1-keras",
        "fcnn.pruned80.clustered-cpu-b1-keras:predict",
        "fcnn.pruned80.clustered-cpu-b1-[my-onnx.v2]",
    ]


def test_the_word_default_stands_for_the_default_list(ids):
    more = ids("--lab4-formats", "default,my-onnx.v2", "--lab4-techniques", "default,clustered")
    assert set(ids()) < set(more)
    assert {"fcnn-cpu-b1-[my-onnx.v2]", "fcnn.clustered-cpu-b1-onnx"} <= set(more)


def test_the_word_all_stands_for_every_entry_that_can_be_used(ids):
    found = ids("--lab4-formats", "all", "--lab4-techniques", "all")
    assert "fcnn.clustered-cpu-b1-[my-onnx.v2]" in found
    assert "fcnn.pruned50-cpu-b1-onnx" in found
    assert not [each for each in found if "broken" in each or "a b" in each]


@pytest.mark.parametrize(
    ("formats", "sentence"),
    [
        (
            "broken",
            "--lab4-formats: the format 'broken' of the package acme cannot be used: importing acme_broken:MINE raised",
        ),
        (
            "a b",
            "--lab4-formats: 'a b' cannot name a format: use letters, digits, underscores, and dots or dashes",
        ),
        ("nothing", "lab4: --lab4-formats: unknown format 'nothing'; valid: keras, tflite_float32"),
    ],
)
def test_an_entry_that_cannot_be_used_is_refused_by_name_with_the_reason(suite, installed, formats, sentence):
    answer = suite("--collect-only", "-q", "--lab4-formats", formats, **installed)
    assert answer.returncode == 4
    assert sentence in answer.stderr + answer.stdout
    assert "Traceback" not in answer.stderr + answer.stdout


def test_pytest_starts_as_ever_beside_a_broken_entry(suite, installed, tmp_path):
    (tmp_path / "test_nothing.py").write_text("def test_nothing(): ...")
    answer = suite("--rootdir", tmp_path, "-q", "-k", "test_nothing", tmp_path, **installed)
    assert answer.returncode == 0
    assert "1 passed" in answer.stdout
    assert "acme" not in answer.stdout + answer.stderr
