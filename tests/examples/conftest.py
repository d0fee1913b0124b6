"""A fresh environment with the example package installed, on top of the packages that the tests have."""

import os
import shutil
import site
import subprocess
import sysconfig
import venv
from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass
class Environment:
    """An environment's Python and where its packages are, and the example's folder."""

    python: Path
    purelib: Path
    example: Path
    cache: Path

    def run(self, *arguments, cwd):
        """Run Python with these arguments; returns the finished process."""
        return subprocess.run(
            [str(self.python), *map(str, arguments)],
            cwd=cwd,
            env={**os.environ, "LAB4_CACHE": str(self.cache)},
            capture_output=True,
            text=True,
            check=False,
        )


@pytest.fixture(scope="session")
def environment(tmp_path_factory, pytestconfig, shared_cache):
    folder = tmp_path_factory.mktemp("environment")
    example = pytestconfig.rootpath / "examples" / "stranger"
    venv.create(folder, with_pip=False, symlinks=os.name != "nt")
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    purelib = Path(sysconfig.get_path("purelib", vars={"base": str(folder), "platbase": str(folder)}))
    # The tests' own packages, among them pip and what builds the example; nothing is fetched.
    names = "\n".join(f"import site; site.addsitedir({each!r})" for each in site.getsitepackages())
    (purelib / "tests.pth").write_text(names, encoding="utf-8")
    build = folder / "source"  # setuptools builds next to the sources
    shutil.copytree(example, build)
    options = ("--quiet", "--no-deps", "--no-build-isolation", "--no-index", "--disable-pip-version-check")
    made = Environment(python, purelib, example, shared_cache)
    answer = made.run("-m", "pip", "install", *options, "--prefix", folder, build, cwd=folder)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    return made
