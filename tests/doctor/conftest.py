import stat

import pytest

from lab4.doctor.checks import System


@pytest.fixture
def system(tmp_path):
    """Return a function: files by path below a made root, and variables, to the system that has nothing else."""
    folder = tmp_path / "commands"
    folder.mkdir()

    def make(files=None, **environment):
        root = tmp_path / "root"
        root.mkdir()
        for path, text in (files or {}).items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(f"{text}\n", encoding="utf-8")
        return System(root, {"PATH": str(folder), **environment})

    return make


@pytest.fixture
def command(tmp_path):
    """Return a function that puts a shell script on the made system's search path."""

    def make(name, script):
        path = tmp_path / "commands" / name
        path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        path.chmod(path.stat().st_mode | stat.S_IXUSR)

    return make
