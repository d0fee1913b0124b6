"""The comparisons with other frameworks run on the CPU; what is not installed costs its own rows."""

import importlib.util
import sys

import pytest

from benchmarks.harness import cpu_peers, gpu_beside_jax

QUICK = ("--models", "fcnn", "--batch-sizes", "2", "--rounds", "2", "--seconds", "0.01")


def rows_of(monkeypatch, capfd, script, *arguments):
    """Run a script; returns its answer, and the cells of each row that it prints."""
    monkeypatch.setattr(sys, "argv", [script.__name__, *QUICK, *arguments])
    answer = script.main()
    lines = [line for line in capfd.readouterr().out.splitlines() if line.startswith("|")]
    return answer, [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def is_installed(module):
    return importlib.util.find_spec(module) is not None


def test_training_and_inference_next_to_jax(monkeypatch, capfd):
    options = ("--device", "cpu", "--images", "96", "--train-batch-sizes", "32")
    answer, rows = rows_of(monkeypatch, capfd, gpu_beside_jax, *options)
    assert not answer
    trained = {row[2]: row[3] for row in rows if row[:2] == ["fcnn", "32"]}
    assert list(trained) == ["suite, loop of steps", "suite, compiled program", "JAX", "PyTorch"]
    inferred = {row[2]: row[3] for row in rows if row[:2] == ["fcnn", "2"]}
    assert len(inferred) == 6
    for name, figure in (*trained.items(), *inferred.items()):
        if name != "PyTorch" or is_installed("torch"):
            assert float(figure.replace(",", "")) > 0
        else:
            assert figure.endswith("PyTorch is not installed; pip install 'lab4[peers]'")


def test_peers_on_the_cpu(monkeypatch, capfd):
    answer, rows = rows_of(monkeypatch, capfd, cpu_peers, "--threads", "1")
    assert not answer
    found = {row[0]: row[1:] for row in rows[2:]}
    assert len(found) == 8
    for name, figures in found.items():
        module = {"O": "openvino", "P": "torch"}.get(name[0], "") if "suite" not in name else ""
        if not module or is_installed(module):
            assert float(figures[0].replace(",", "") or figures[3].replace(",", "")) > 0
        else:
            assert figures[0].startswith("not measured: ")
            assert "pip install" in figures[0]


def test_without_a_gpu_every_row_says_so(monkeypatch, capfd):
    answer, rows = rows_of(monkeypatch, capfd, gpu_beside_jax, "--device", "gpu7", "--train-batch-sizes", "32")
    assert not answer
    ours = [row[3] for row in rows if row[2].startswith("suite")]
    assert ours
    assert all("no GPU 7 visible to TensorFlow" in each or "has no CUDAExecutionProvider" in each for each in ours)


@pytest.mark.parametrize("script", [cpu_peers, gpu_beside_jax])
def test_an_unknown_model_is_refused(monkeypatch, capfd, script):
    monkeypatch.setattr(sys, "argv", [script.__name__, "--models", "vgg"])
    with pytest.raises(SystemExit) as stop:
        script.main()
    assert stop.value.code == 2
    assert "invalid choice: 'vgg'" in capfd.readouterr().err
