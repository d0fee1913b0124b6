from importlib import metadata

import pytest

from lab4.dependencies import required, suite_versions


def test_an_extra_holds_its_own_requirements_only():
    assert {"tensorflow", "numpy", "pytest-benchmark"} <= set(required("suite"))
    assert "sqlalchemy" in required("history")
    assert "pydantic" not in required("suite")  # the base requires it
    assert required("suite") == sorted(required("suite"))


def test_a_requirement_of_another_python_is_left_out(monkeypatch):
    lines = ["one; extra == 'suite'", "two; python_version < '3' and extra == 'suite'", "three"]
    monkeypatch.setattr(metadata, "requires", lambda _: lines)
    assert required("suite") == ["one"]


@pytest.mark.parametrize(
    ("installed", "versions"),
    [
        ({"onnxruntime": "1", "onnxruntime-gpu": "2"}, {"onnxruntime": "1"}),
        ({"onnxruntime-gpu": "2"}, {"onnxruntime-gpu": "2"}),
        ({}, {"onnxruntime": None}),
    ],
)
def test_a_substitute_stands_under_its_own_name(monkeypatch, installed, versions):
    def version(name):
        if name not in installed:
            raise metadata.PackageNotFoundError
        return installed[name]

    monkeypatch.setattr(metadata, "requires", lambda _: ["onnxruntime; extra == 'suite'"])
    monkeypatch.setattr(metadata, "version", version)
    assert suite_versions() == versions
