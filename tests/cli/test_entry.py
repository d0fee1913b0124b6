import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from lab4 import __version__
from lab4.cli import entry, main
from lab4.cli.commands import COMMANDS, Command
from lab4.domain.errors import RecordError


def lab4(*arguments, **options):
    """Run ``python -m lab4`` as a user would."""
    command = [sys.executable, "-m", "lab4", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, **options)


@pytest.fixture
def failing(monkeypatch):
    """A function that makes ``lab4 schema`` raise what it is given."""

    def fail_with(error):
        def run(_):
            raise error

        monkeypatch.setitem(
            entry.COMMANDS.own, "schema", f"{__name__}:{_publish(Command('fails', lambda _: None, run))}"
        )

    return fail_with


def _publish(command):
    globals()["FAILING"] = command
    return "FAILING"


def test_help_lists_every_command_and_its_help(capsys):
    assert main(["--help"]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    for name in COMMANDS:
        assert f"{name} {COMMANDS[name].help}" in shown


@pytest.mark.parametrize("name", [*COMMANDS])
def test_every_command_has_help(capsys, name):
    assert main([name, "--help"]) == 0
    assert COMMANDS[name].help in " ".join(capsys.readouterr().out.split())


def test_help_starts_soon_as_it_loads_little_and_only_of_pythons_own():
    code = (
        "import sys; before = set(sys.modules); from lab4.cli import main; main(['--help']); "
        "print(*(set(sys.modules) - before), sep=' ')"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = answer.stdout.splitlines()[-1].split()
    assert {name.partition(".")[0] for name in loaded} - sys.stdlib_module_names == {"lab4"}
    assert len(loaded) < 300


def test_the_version_is_told(capsys):
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"lab4 {__version__}\n"


def test_the_module_is_the_command():
    answer = lab4("--version")
    assert (answer.returncode, answer.stdout) == (0, f"lab4 {__version__}\n")


def test_without_a_command_help_is_shown_as_an_error(capsys):
    assert main([]) == 2
    assert "usage: lab4" in capsys.readouterr().err


def test_an_unknown_command_lists_the_valid_ones(capsys):
    assert main(["workshet"]) == 2
    valid = ", ".join(COMMANDS)
    assert capsys.readouterr().err == f"lab4: error: unknown command 'workshet'; valid: {valid}\n"


@pytest.mark.parametrize("arguments", [[], ["model.onnx", "--json"], ["--help"]])
def test_a_command_that_moved_says_where_it_is_now(capsys, arguments):
    assert main(["crosscheck", *arguments]) == 2
    assert "run python -m benchmarks.harness.crosscheck at the root of a checkout" in capsys.readouterr().err


def test_an_unknown_option_is_refused(capsys):
    assert main(["schema", "--loud"]) == 2
    assert "--loud" in capsys.readouterr().err


def test_an_error_of_ours_is_one_line(capsys, failing):
    failing(RecordError("run.json is empty"))
    assert main(["schema"]) == 2
    assert capsys.readouterr() == ("", "lab4: error: run.json is empty\n")


def test_an_error_of_the_system_is_one_line(capsys, failing):
    failing(OSError(28, "No space left on device", "worksheet.md"))
    assert main(["schema"]) == 2
    assert capsys.readouterr() == ("", "lab4: error: worksheet.md: No space left on device\n")


@pytest.mark.parametrize(
    ("error", "named"),
    [(ZeroDivisionError("by\nzero"), "ZeroDivisionError: by zero"), (KeyError("p50"), "KeyError: 'p50'")],
)
def test_what_nobody_foresaw_is_one_line_and_no_verdict(capsys, failing, monkeypatch, error, named):
    monkeypatch.delenv("LAB4_DEBUG", raising=False)
    failing(error)
    assert main(["schema"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err == (
        f"lab4: error: internal error: this is a bug in lab4 ({named}); "
        "please report it with the command: lab4 schema (LAB4_DEBUG=1 shows more)\n"
    )


def test_where_it_came_from_is_shown_on_demand(capsys, failing, monkeypatch):
    monkeypatch.setenv("LAB4_DEBUG", "1")
    failing(MemoryError())
    assert main(["schema"]) == 2
    err = capsys.readouterr().err
    assert err.startswith("Traceback")
    assert "bug in lab4 (MemoryError); " in err


def test_ctrl_c_is_130(capsys, failing):
    failing(KeyboardInterrupt())
    assert main(["schema"]) == 130
    assert capsys.readouterr() == ("", "")


def test_a_character_that_the_console_lacks_is_escaped(tmp_path):
    ascii_only = os.environ | {"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    answer = lab4("worksheet", str(tmp_path / "caf\u00e9.json"), env=ascii_only)
    assert answer.returncode == 2
    assert "caf\\xe9.json: there is no such file" in answer.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="pipes of Windows break otherwise")
def test_a_reader_that_has_enough_is_no_error():
    process = subprocess.Popen(
        [sys.executable, "-m", "lab4", "schema"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    process.stdout.close()
    with process:
        assert process.stderr.read() == ""
    assert process.returncode == 141


def test_a_working_folder_that_was_removed_is_one_sentence(tmp_path, monkeypatch, capsys):
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    assert main(["cache", "list"]) == 2
    assert capsys.readouterr().err == "lab4: error: the working folder was removed; change to another one\n"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full on this system")
def test_a_full_output_is_one_sentence_and_the_code_of_an_error():
    with Path("/dev/full").open("w") as full:
        command = [sys.executable, "-m", "lab4", "schema"]
        answer = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert answer.returncode == 2
    assert answer.stderr == "lab4: error: No space left on device\n"


@pytest.mark.skipif(sys.platform == "win32", reason="no such shell on Windows")
def test_a_closed_output_changes_no_exit_code():
    command = f"{shlex.quote(sys.executable)} -m lab4 schema >&-"
    answer = subprocess.run(["sh", "-c", command], stderr=subprocess.PIPE, text=True, check=False)
    assert (answer.returncode, answer.stderr) == (0, "")
