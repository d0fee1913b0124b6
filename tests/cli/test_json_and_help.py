"""Every command has an example in its help and answers as JSON."""

import json
import re
import shlex
import shutil
import subprocess
from argparse import Namespace

import pytest
from lab4_strategies import document_of
from worksheet_factory import realistic

from lab4.cli import main
from lab4.cli.commands import COMMANDS
from lab4.cli.entry import full_parser
from lab4.cli.shared import actions_of, answer, columns
from lab4.history.run_file import write_run
from lab4.report.columns import aligned, fitted


@pytest.fixture
def run_json(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LAB4_HISTORY", str(tmp_path / "kept"))
    write_run(tmp_path / "run.json", document_of(realistic(70)))
    return "run.json"


def understood(example):
    """The arguments of an example, which may end in a comment or a file; one with a mistake ends the test."""
    command, *words = shlex.split(example.partition(" > ")[0], comments=True)
    assert command == "lab4"
    return full_parser().parse_args(words)


@pytest.mark.parametrize("name", COMMANDS)
def test_help_has_an_example_that_the_command_understands(name, capsys):
    assert main([name, "--help"]) == 0
    shown = capsys.readouterr().out
    assert "example" in shown
    if name not in {"class", "fleet", "history"}:  # their actions have it
        assert "--json" in shown
    assert COMMANDS[name].examples
    for example in COMMANDS[name].examples:
        assert example in shown
        assert understood(example).command == name


@pytest.mark.parametrize("name", [name for name, own in actions_of(full_parser()).items() if actions_of(own)])
def test_each_action_of_a_command_has_an_example_and_json(name):
    for action, own in actions_of(actions_of(full_parser())[name]).items():
        shown = own.format_help()
        assert "--json" in shown
        examples = re.findall(rf"^  (lab4 {name} {action}.*)$", shown, re.MULTILINE)
        assert examples
        for example in examples:
            understood(example)


def test_tables_of_commands_fit_the_terminal():
    rows = [("verdict", "cell", "change"), ("worse!", "latency/cnn.pruned80-cpu-b32-tflite_float32", "+12.3%")]
    assert fitted(rows, None) == aligned(rows)
    for width in (30, 60, 120):
        for keys in (1, 2):
            lines = fitted(rows, width, right={2}, keys=keys)
            assert max(map(len, lines)) <= width
            assert "+12.3%" in "".join(lines)


@pytest.mark.parametrize(
    ("arguments", "keys"),
    [
        (("worksheet", "run.json", "--report", "md"), {"written", "not_written"}),
        (("report", "run.json", "--report", "md"), {"written", "not_written"}),
        (("compare", "run.json", "--by", "format"), {"tables", "columns"}),
        (("history", "add", "run.json"), {"history", "added"}),
        (("history", "list"), {"runs"}),
        (("history", "trend"), {"trends", "common"}),
        (("cache", "list"), {"folder", "entries"}),
        (("doctor",), set()),
        (("schema",), {"$defs"}),
        (("completion", "bash"), {"shell", "script"}),
    ],
    ids=lambda each: " ".join(each[:2]) if isinstance(each, tuple) else "",
)
def test_a_command_answers_as_json(arguments, keys, run_json, capsys):
    if arguments[0] == "history" and arguments[1] != "add":
        main(["history", "add", run_json])
        capsys.readouterr()
    assert main([*arguments, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert keys <= set(found)


def test_a_run_of_a_history_has_its_figures_in_base_units(run_json, capsys):
    main(["history", "add", run_json])
    capsys.readouterr()
    assert main(["history", "show", "1", "--json"]) == 0
    cells = json.loads(capsys.readouterr().out)["cells"]
    assert cells["examine/cnn-cpu-keras"]["figures"]["size"] > 1e5
    assert main(["history", "export", "1", "-o", "again.json", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"written": ["again.json"]}
    assert main(["history", "prune", "--keep", "1", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["removed"] == []


@pytest.mark.parametrize("written", [["--json"], ["--json", "-"]])
def test_a_gate_prints_its_json_where_that_is_asked(written, run_json, capsys):
    assert main(["gate", run_json, "--baseline", run_json, *written]) in {2, 3}
    assert json.loads(capsys.readouterr().out)["exit_code"] in {2, 3}


def test_a_candidate_behind_json_is_not_written_over(run_json, tmp_path, capsys):
    before = (tmp_path / run_json).read_bytes()
    for arguments in (["gate", "--json", run_json], ["gate", run_json, "--baseline", run_json, "--json", run_json]):
        assert main(arguments) == 2
        assert f"--json {run_json}: a run is in this file" in capsys.readouterr().err
    assert (tmp_path / run_json).read_bytes() == before


def test_what_others_wrote_is_harmless_in_json(capsys):
    answer(Namespace(json=True), "", {"name": "a\x1b[2J"})
    assert json.loads(capsys.readouterr().out) == {"name": "a\\x1b[2J"}


def test_lines_are_as_wide_as_the_terminal_and_in_a_pipe_as_they_are_meant(monkeypatch):
    assert columns(90) == 90
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "60")
    assert columns(90) == 60


@pytest.mark.parametrize("shell", ["bash", "zsh", "tcsh"])
def test_a_shell_completes_commands_and_options(shell, capsys):
    assert main(["completion", shell]) == 0
    script = capsys.readouterr().out
    assert "worksheet" in script
    assert "answers" in script
    if shutil.which(shell):
        subprocess.run([shell, "-n"], input=script, text=True, check=True)


def test_bash_offers_the_options_of_a_command(tmp_path, capsys):
    assert main(["completion", "bash"]) == 0
    (tmp_path / "lab4.bash").write_text(capsys.readouterr().out, encoding="utf-8")
    typed = "source lab4.bash; COMP_WORDS=(lab4 history tr); COMP_CWORD=2; _shtab_lab4; echo ${COMPREPLY[@]}"
    found = subprocess.run(["bash", "-c", typed], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert found.stdout.split() == ["trend"], found.stderr


def test_the_parser_of_all_commands_has_each():
    actions = [each for each in full_parser()._actions if isinstance(each.choices, dict)]
    assert set(actions[0].choices) == set(COMMANDS)
