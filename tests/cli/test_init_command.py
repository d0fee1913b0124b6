"""``lab4 init``: what it writes, that it runs, and that nothing is lost."""

import os
import subprocess
import sys

import numpy as np
import onnx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lab4_small_models import Project, write_onnx

from lab4.cli import main
from lab4.cli.init import _quoted
from lab4.domain.errors import OutputError
from lab4.domain.outcome import Measured
from lab4.storage.settings import table_of, tool_table

PROJECT = '[project]\nname = "acme"  # ours\n\n[tool.lab4]\nseed = 3\n'


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".git").mkdir()
    write_onnx(tmp_path / "net.onnx")
    return tmp_path


def test_it_writes_a_table_and_ten_lines_and_says_what_comes_next(folder, capsys):
    assert main(["init", "net.onnx"]) == 0
    assert capsys.readouterr().out == (
        "wrote [tool.lab4.models.net] to pyproject.toml\nwrote test_net.py\nnext: pytest test_net.py\n"
    )
    assert tool_table(folder / "pyproject.toml") == {"models": {"net": {"path": "net.onnx"}}}
    assert len([line for line in (folder / "test_net.py").read_text("utf-8").splitlines() if line]) <= 10


def test_what_it_writes_runs(folder, shared_cache):
    assert main(["init", "net.onnx", "--name", "my-net.v2"]) == 0
    project = Project(folder, shared_cache)
    answer = project.pytest("test_my_net_v2.py", "-k", "onnx")
    assert answer.returncode == 0, answer.stdout
    measured = [key for key, outcome in project.outcomes().items() if isinstance(outcome, Measured)]
    assert set(measured) >= {"latency/[my-net.v2]-cpu-b1-onnx", "examine/[my-net.v2]-cpu-onnx"}


@pytest.mark.parametrize("before", [PROJECT, PROJECT.rstrip(), PROJECT.replace("\n", "\r\n"), "# ours"])
def test_what_is_there_stays_byte_for_byte(folder, before):
    (folder / "pyproject.toml").write_bytes(before.encode())
    assert main(["init", "net.onnx"]) == 0
    after = (folder / "pyproject.toml").read_bytes()
    assert after.startswith(before.encode())
    assert (b"\r\n" in before.encode()) == (b"\r\n" in after)
    assert b"\n" not in after.replace(b"\r\n", b"") or b"\r\n" not in after
    assert tool_table(folder / "pyproject.toml")["models"]["net"] == {"path": "net.onnx"}


def test_what_known_calls_next_to_the_file_have_is_not_asked_for(folder, capsys):
    write_onnx(folder / "net.onnx", steered=True)
    calls = folder / "test_data_set_0"
    calls.mkdir()
    for number, array in enumerate((np.zeros((2, 8), np.float32), np.array(True))):
        (calls / f"input_{number}.pb").write_bytes(onnx.numpy_helper.from_array(array).SerializeToString())
    assert main(["init", "net.onnx"]) == 0
    assert "next: pytest test_net.py" in capsys.readouterr().out
    assert main(["inspect", "net.onnx"]) == 0
    assert capsys.readouterr().out.count("test_data_set_0") == 2


def test_a_rule_that_must_be_given_is_a_line_to_be_filled_in(folder, capsys):
    write_onnx(folder / "net.onnx", steered=True)
    assert main(["init", "net.onnx"]) == 0
    assert "next: fill in mode in pyproject.toml, then pytest test_net.py" in capsys.readouterr().out
    text = (folder / "pyproject.toml").read_text("utf-8")
    assert '# Not guessed: fill in a rule, such as const:16000 or below:30522.\n"mode" = ""\n' in text
    assert table_of(text, folder)["models"]["net"]["inputs"] == {"mode": ""}


def test_the_table_is_the_projects_also_from_a_folder_below(folder, monkeypatch):
    (folder / "pyproject.toml").write_text(PROJECT, encoding="utf-8")
    below = folder / "tests"
    below.mkdir()
    monkeypatch.chdir(below)
    assert main(["init", "../net.onnx"]) == 0
    assert tool_table(folder / "pyproject.toml")["models"] == {"net": {"path": "net.onnx"}}
    assert (below / "test_net.py").exists()


@pytest.mark.parametrize(
    ("before", "sentence"),
    [
        ('[tool.lab4.models.net]\npath = "a"\n', "has [tool.lab4.models.net] already; choose another name with --name"),
        ('[tool.lab4]\nmodels = ["cnn"]\n', "models in [tool.lab4] is a list"),
        ("tool = { lab4 = { seed = 3 } }\n", "is written in a way that no table can follow"),
        ("[tool.lab4\n", "pyproject.toml cannot be read"),
    ],
)
def test_a_project_file_that_cannot_take_it_is_left_alone(folder, capsys, before, sentence):
    (folder / "pyproject.toml").write_text(before, encoding="utf-8")
    assert main(["init", "net.onnx"]) == 2
    assert sentence in capsys.readouterr().err
    assert (folder / "pyproject.toml").read_text("utf-8") == before
    assert not (folder / "test_net.py").exists()


def test_a_test_file_that_is_there_is_not_overwritten(folder, capsys):
    (folder / "test_net.py").write_text("mine", encoding="utf-8")
    assert main(["init", "net.onnx"]) == 2
    assert "test_net.py is there already; choose another name with --name" in capsys.readouterr().err
    assert (folder / "test_net.py").read_text("utf-8") == "mine"
    assert not (folder / "pyproject.toml").exists()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["no.onnx"], "there is no file no.onnx"),
        (["net.onnx", "--name", "a b"], "'a b' cannot name a model"),
        (["text.onnx"], "text.onnx"),
    ],
)
def test_bad_input_writes_nothing(folder, capsys, arguments, sentence):
    (folder / "text.onnx").write_text("no model", encoding="utf-8")
    before = sorted(folder.iterdir())
    assert main(["init", *arguments]) == 2
    assert sentence in capsys.readouterr().err
    assert sorted(folder.iterdir()) == before


@given(st.text(st.characters(codec="utf-8", max_codepoint=0xFFFF), min_size=1))
def test_any_text_is_written_as_toml_reads_it(text):
    table = table_of(f"[tool.lab4]\nx = {_quoted(text)}\n", None)
    assert table == {"x": text}


def test_the_test_file_satisfies_strict_types(folder):
    assert main(["init", "net.onnx"]) == 0
    pytest.importorskip("mypy", reason="mypy is installed by tox -e lint")
    command = [
        sys.executable,
        "-m",
        "mypy",
        "--strict",
        "--ignore-missing-imports",
        "--follow-imports=silent",
        "test_net.py",
    ]
    answer = subprocess.run(command, cwd=folder, env=os.environ, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stdout + answer.stderr


def test_what_could_not_be_finished_leaves_nothing_behind(folder, monkeypatch, capsys):
    def full(path, *_):
        raise OutputError(f"cannot write to {path}: no space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("lab4.cli.init.write_atomically", full)
        assert main(["init", "net.onnx"]) == 2
    assert "no space left" in capsys.readouterr().err
    assert not (folder / "test_net.py").exists()
    assert main(["init", "net.onnx"]) == 0


def test_characters_beyond_the_basic_plane_are_escaped_as_toml_has_it():
    assert table_of(f"[tool.lab4]\nx = {_quoted(chr(0xE0001))}", "x") == {"x": chr(0xE0001)}


@pytest.mark.parametrize("settings", ["pytest.ini", "tox.ini", "setup.cfg", "pyproject.toml"])
def test_it_writes_where_pytest_reads_also_in_a_repository_of_several_packages(folder, monkeypatch, settings):
    content = {"pyproject.toml": "[tool.pytest.ini_options]\n", "setup.cfg": "[tool:pytest]\n"}.get(
        settings, "[pytest]\n"
    )
    (folder / settings).write_text(content, encoding="utf-8")
    package = folder / "packages" / "a"
    package.mkdir(parents=True)
    (package / "pyproject.toml").write_text('[project]\nname = "a"\n', encoding="utf-8")
    monkeypatch.chdir(package)
    assert main(["init", str(folder / "net.onnx")]) == 0
    assert tool_table(folder / "pyproject.toml")["models"] == {"net": {"path": "net.onnx"}}
    assert tool_table(package / "pyproject.toml") == {}
