"""Every command that reads results, run for real in a project of its own, in an environment that lacks something."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from lab4_environments import BASELINE, CANDIDATE, COMMANDS
from lab4_strategies import document_of

from lab4.history.run_file import write_run


def git(folder, *arguments):
    named = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org")
    subprocess.run(["git", *named, *arguments], cwd=folder, check=True, capture_output=True)


@dataclass
class Project:
    """A project in git with two commits and saved runs; commands are called in it, after ``before`` words if any."""

    folder: Path
    run: Path
    before: list = field(default_factory=list)
    env: dict = field(default_factory=lambda: dict(os.environ))

    def arguments(self, name):
        """The arguments of one of `COMMANDS`."""
        baseline = Path("baseline") / self.run
        reports = [word for each in ("json", "junit", "markdown") for word in (f"--{each}", f"out/{self.run}.{each}")]
        return {
            "worksheet": ["worksheet", self.run, "-o", "out", "--name", "Ada"],
            "history": ["history", "list"],
            "gate": ["gate", self.run, "--baseline", baseline, *reports],
            "gate --against": ["gate", "--against", "HEAD", "--pytest=--version"],
            "compare": ["compare", self.run, baseline.parent, "--figure", "size"],
            "cache list": ["cache", "list"],
        }[name]

    def call(self, *arguments, code=0):
        """Run ``lab4``; it ends with this code, or one of these, and in sentences, whatever the environment is."""
        answer = self.run_command([*self.before, sys.executable, "-m", "lab4", *arguments])
        assert "Traceback" not in answer.stderr, answer.stderr
        assert "LAB4_DEBUG" not in answer.stderr, answer.stderr
        assert answer.returncode in (code if isinstance(code, set) else {code}), answer.stdout + answer.stderr
        return answer

    def run_command(self, command, errors="strict"):
        """Run a command in the project; what it prints is UTF-8, unless ``errors`` say otherwise."""
        answer = subprocess.run(command, cwd=self.folder, env=self.env, capture_output=True, check=False)
        answer.stdout, answer.stderr = answer.stdout.decode(errors=errors), answer.stderr.decode(errors=errors)
        return answer

    def works(self, name):
        """Run one of `COMMANDS`, which must do what it is for; what it writes is text in UTF-8."""
        if name == "history":
            assert "added as 1" in self.call("history", "add", self.run).stdout
        code, shown = COMMANDS[name]
        answer = self.call(*self.arguments(name), code=code)
        assert shown in answer.stdout + answer.stderr
        for path in self.folder.glob("out/*"):
            if path.suffix == ".pdf":
                assert path.read_bytes().startswith(b"%PDF-")
                continue
            text = path.read_text(encoding="utf-8")
            assert text
            if path.suffix == ".json":
                assert json.dumps(json.loads(text), ensure_ascii=False).encode()
        return answer


@pytest.fixture
def make(open_folder):
    """A function that makes the project in a folder of this name, with a run file of that name, for an owner."""

    def made(name="project", run="run.json", owner=None):
        folder = open_folder / name
        (folder / "baseline").mkdir(parents=True)
        write_run(folder / run, document_of(CANDIDATE))
        write_run(folder / "baseline" / run, document_of(BASELINE))
        (folder / "pyproject.toml").touch()
        git(folder, "init", "--quiet")
        for number in ("1", "2"):
            (folder / "file").write_text(number)
            git(folder, "add", "file", "pyproject.toml")
            git(folder, "commit", "--quiet", "--message", number)
        if owner is not None:
            for path in (folder, *folder.rglob("*")):
                os.chown(path, owner, owner)
        project = Project(folder, Path(run))
        project.env["LAB4_CACHE"] = str(open_folder / "cache")
        return project

    return made
