"""A project with the suite's cells, run as its owner runs it, with other plugins of pytest installed.

Those plugins lie in a folder of their own (``LAB4_INTERPLAY``, which ``tox -e tests`` fills): installed with the
tests, they would take part in every test.
"""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from lab4_small_models import UNPRINTED

from lab4.history.run_file import read_run

#: Two cells.
OPTIONS = {
    "profile": "quick",
    "models": "fcnn",
    "formats": "tflite_float32,onnx",
    "batch-sizes": "1",
    "devices": "cpu",
    "techniques": "finetuned",
    "resources": "counters",
    "report": UNPRINTED,
    "output": "results",
}


@dataclass
class Project:
    """A folder with a copy of the suite, and how to run pytest in it."""

    folder: Path
    environment: dict[str, str]

    def conftest(self, text):
        """Add to the suite's conftest.py."""
        with (self.folder / "benchmarks" / "conftest.py").open("a", encoding="utf-8") as file:
            file.write(f"\n\n{text}")

    def pytest(self, *arguments, plugins=(), start=("-m", "pytest"), options=None, **environment):
        """Run the two cells with pytest-benchmark, our plugin and these; with every installed one if ``None``."""
        flags = [
            text
            for key, value in (OPTIONS if options is None else options).items()
            for text in (f"--lab4-{key}", value)
        ]
        named = () if plugins is None else ("pytest_benchmark.plugin", "lab4.plugin", *plugins)
        loaded = [text for name in named for text in ("-p", name)]
        if plugins is not None:
            environment["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
        return subprocess.run(
            [sys.executable, *start, "benchmarks", "-m", "inference", *loaded, *flags, *arguments],
            cwd=self.folder,
            env={**self.environment, **environment},
            capture_output=True,
            text=True,
            check=False,
        )

    def run(self):
        """The run that was measured."""
        return read_run(self.folder / "results" / "run.json")


@pytest.fixture
def project(tmp_path, pytestconfig, shared_cache):
    shutil.copytree(
        pytestconfig.rootpath / "benchmarks", tmp_path / "benchmarks", ignore=shutil.ignore_patterns("harness", "__*")
    )
    paths = [os.environ.get("LAB4_INTERPLAY", ""), os.environ.get("PYTHONPATH", "")]
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("COV_CORE")},
        "LAB4_CACHE": str(shared_cache),
        "PYTHONPATH": os.pathsep.join(filter(None, paths)),
    }
    return Project(tmp_path, environment)
