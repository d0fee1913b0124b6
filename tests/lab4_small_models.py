"""Models of a few bytes for tests, and fresh projects that measure them."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lab4.history.run_file import read_run

__all__ = ["UNPRINTED", "Project", "write_onnx"]

#: All reports but the PDF, which takes a quarter of a small run's time and has tests of its own.
UNPRINTED = "html,md,csv"

#: What makes a run of a small model take seconds: counters take no time, where others have a process of their own.
QUICK = ("--lab4-profile", "quick", "--lab4-devices", "cpu", "--lab4-resources", "counters")


def write_onnx(path, seed=0, *, steered=False):
    """An ONNX file of one matrix product; with ``steered`` also an input that decides what is computed."""
    from onnx import TensorProto, helper, numpy_helper, save

    weights = numpy_helper.from_array(np.random.default_rng(seed).normal(size=(8, 4)).astype("float32"), "w")
    inputs = [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["batch", 8])]
    nodes = [helper.make_node("MatMul", ["x", "w"], ["y"])]
    if steered:
        inputs.append(helper.make_tensor_value_info("mode", TensorProto.BOOL, []))
        branches = [
            helper.make_graph(
                [helper.make_node(kind, ["y"], [f"{kind}_out"])],
                kind,
                [],
                [helper.make_tensor_value_info(f"{kind}_out", TensorProto.FLOAT, ["batch", 4])],
            )
            for kind in ("Relu", "Tanh")
        ]
        nodes.append(helper.make_node("If", ["mode"], ["z"], then_branch=branches[0], else_branch=branches[1]))
    output = helper.make_tensor_value_info("z" if steered else "y", TensorProto.FLOAT, ["batch", 4])
    graph = helper.make_graph(nodes, "net", inputs, [output], [weights])
    save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9), path)
    return path


@dataclass
class Project:
    """A fresh folder, and how its owner runs commands in it."""

    folder: Path
    cache: Path

    def write(self, name, text):
        """Write a file of the project."""
        (self.folder / name).write_text(text, encoding="utf-8")

    def run(self, *arguments, cwd=None, **environment):
        """Run Python with these arguments; returns the finished process."""
        return subprocess.run(
            [sys.executable, *map(str, arguments)],
            cwd=cwd or self.folder,
            env={**os.environ, "LAB4_CACHE": str(self.cache), **environment},
            capture_output=True,
            text=True,
            check=False,
        )

    def pytest(self, *arguments, **more):
        """Run pytest, quickly."""
        return self.run(
            "-m", "pytest", "-p", "no:cacheprovider", "--lab4-report", UNPRINTED, *QUICK, *arguments, **more
        )

    def plain(self, *arguments, **more):
        """Run pytest without any option of lab4."""
        return self.run("-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments, **more)

    def collected(self, *arguments, **more):
        """The ids of the tests that pytest collects."""
        answer = self.pytest("--collect-only", "-q", *arguments, **more)
        assert answer.returncode == 0, answer.stdout + answer.stderr
        return [line for line in answer.stdout.splitlines() if "::" in line]

    def outcomes(self):
        """The outcome of each cell that the last run has measured or tried, by its key."""
        run = read_run(self.folder / "lab4-results" / "run.json")
        return {each.cell.key: each.outcome for each in run.measurements}
