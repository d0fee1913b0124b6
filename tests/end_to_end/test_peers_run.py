"""The comparisons with other frameworks run on the CPU; what is not installed costs its own rows."""

import importlib.util
import sys

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
