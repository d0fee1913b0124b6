"""A function that builds a model, by package or file."""

import pytest

from lab4.domain.errors import Lab4Error
from lab4.inspection import inspect_model

NETS = """
from lab4.frameworks import keras


def build():
    layers = keras().layers
    return keras().Sequential([layers.Input((4,)), layers.Dense(3, activation="softmax")])


def raises():
    raise ValueError("no such layer\\nsecond line")


def number():
    return 3


def unbuilt():
    return keras().Sequential([keras().layers.Dense(3)])


value = 3
"""


@pytest.fixture
def nets(tmp_path, monkeypatch):
    (tmp_path / "acme_nets.py").write_text(NETS)
    (tmp_path / "acme_broken.py").write_text("import acme_absent")
    monkeypatch.syspath_prepend(tmp_path)
    return tmp_path


def test_of_a_module_and_of_a_file(nets):
    for written in ("acme_nets:build", f"{nets}/acme_nets.py:build"):
        found = inspect_model(written)
        assert (found.container, found.parameters, found.macs) == ("function", 15, 12)
        assert found.contract.task.text == "classification"


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("acme_nets:raises", "acme_nets:raises raised ValueError: no such layer"),
        ("acme_nets:number", "returned a int; it must return a Keras model"),
        ("acme_nets:unbuilt", "is not built: begin it with an Input layer"),
        ("acme_nets:value", "acme_nets has no function value"),
        ("acme_nets:absent", "acme_nets has no function absent"),
        ("acme_broken:build", "importing it raised ModuleNotFoundError: No module named 'acme_absent'"),
        ("absent.py:build", "there is no file absent.py"),
        ("absent.onnx", "there is no file absent.onnx; to name a function"),
    ],
)
def test_what_is_wrong_is_one_sentence(nets, written, said):  # noqa: ARG001
    with pytest.raises(Lab4Error) as refused:
        inspect_model(written)
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_file_of_another_kind_lists_what_is_read(tmp_path):
    (tmp_path / "notes.txt").write_text("x")
    with pytest.raises(Lab4Error, match=r"is no model that lab4 knows; it reads a file \.onnx, a file \.tflite"):
        inspect_model(str(tmp_path / "notes.txt"))
