"""Every command in the docs is one that works: it is run, or where it would measure for minutes, understood."""

import json
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from lab4_small_models import write_onnx
from lab4_strategies import document_of
from worksheet_factory import machine, realistic

from lab4.cli.entry import full_parser, main
from lab4.cli.shared import actions_of
from lab4.history.run_file import write_run
from lab4.plugin.options import OPTIONS

ROOT = Path(__file__).parents[2]
#: All but the page of commands, which is made from their parsers.
PAGES = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    *(page for page in sorted((ROOT / "docs").rglob("*.md")) if page.name != "commands.md"),
]
#: Commands that answer at once from files; the others measure, need a model of the reader's, or a network.
AT_ONCE = re.compile(
    r"lab4 (worksheet|report|compare|history|site|doctor|cache list|schema"
    r"|inspect model\.onnx$|gate \S+(run\.json|machines) --last 20$)"
)
#: A line of a block that is a command: after a prompt, in a list of YAML, or from the folder of an environment.
COMMAND = re.compile(r"(?:\$ |- )?(?:\w+=\S+ )*(?:\.venv/bin/|\.tox/worksheet/bin/)?((?:lab4|pytest|python|tox) .*)")


def commands():
    """Each command of a block, without its comment, and its page."""
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        for block in re.findall(r"^```\w*\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
            for line in block.replace("\\\n", " ").splitlines():
                for part in re.split(r"\s+#\s", line, maxsplit=1)[0].strip().split(" && "):
                    if (found := COMMAND.fullmatch(part)) is not None:
                        command = found[1].replace("$seed", "1").strip()
                        yield pytest.param(command, id=f"{page.name}: {command[:60]}")


def words(command):
    return shlex.split(command)


def of(program):
    return [each for each in commands() if words(each.values[0])[0] == program]


LAB4, PYTEST, PYTHON, TOX = (of(program) for program in ("lab4", "pytest", "python", "tox"))


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A folder with the files that the docs speak of."""
    folder = tmp_path_factory.mktemp("project")
    here, server = (
        realistic(70),
        realistic(70, started_at="2026-03-02T00:00:00Z", on=machine("server", gpu=True), gpu=True),
    )
    for name in (
        "laptop/run.json",
        "lab4-results/run.json",
        "again/run.json",
        "run.json",
        "runs-old/run.json",
        "main/run.json",
        "fleet/a.json",
        "seed1/run.json",
        "lab4-fleet/machines/1a2b/run.json",
    ):
        write_run(folder / name, document_of(here))
    for name in ("server/run.json", "runs-new/run.json", "fleet/b.json", "lab4-fleet/machines/3c4d/run.json"):
        write_run(folder / name, document_of(server))
    (folder / "docs" / "runs").mkdir(parents=True)
    shutil.copyfile(ROOT / "docs" / "runs" / "nvidia-h100.json", folder / "docs" / "runs" / "nvidia-h100.json")
    write_onnx(folder / "model.onnx")
    return folder


@pytest.mark.parametrize("command", LAB4)
def test_a_command_of_lab4_is_understood(command):
    arguments = full_parser().parse_args(words(command)[1:])
    assert arguments.command


@pytest.mark.untraced
@pytest.mark.parametrize("command", dict.fromkeys(each.values[0] for each in LAB4 if AT_ONCE.match(each.values[0])))
def test_a_command_that_answers_at_once_does(command, project, monkeypatch, capsys):
    monkeypatch.chdir(project)
    monkeypatch.setenv("LAB4_HISTORY", str(project / "kept"))
    if "history trend" in command or "--last" in command:
        main(["history", "add", "lab4-results/run.json", "server/run.json"])
    if command.startswith("lab4 site .benchmarks"):
        main(["history", "add", "lab4-results/run.json", "--history", ".benchmarks"])
    given = [
        each for word in words(command)[1:] for each in (sorted(map(str, Path().glob(word))) if "?" in word else [word])
    ]
    code = main(given)
    said = capsys.readouterr()
    # A gate may have no baseline; what is shown is not of two machines where there is one.
    assert code in ({0, 2, 3} if "gate" in command or "--by device" in command else {0}), said
    assert "internal error" not in said.err


@pytest.mark.parametrize("command", PYTEST)
def test_the_options_of_a_command_of_pytest_exist(command):
    known = {option.flag for option in OPTIONS}
    asked = [word.partition("=")[0] for word in words(command) if word.startswith("--lab4-")]
    assert [each for each in asked if each not in known] == []


def test_the_tests_that_a_command_of_pytest_names_are_collected(tmp_path):
    """All in one process: most of the time is for imports."""
    asked = [
        words(each.values[0])[1:]
        for each in PYTEST
        if "benchmarks" in each.values[0] and "onnx_int8" not in each.values[0]
    ]
    # Neither goes with --collect-only.
    without = ("--lab4-resume", "--lab4-gate", "main/run.json")
    asked = [[each for each in given if each not in without] for given in asked]
    code = (
        "import json, sys, pytest\n"
        "found = {}\n"
        "for words in json.loads(sys.argv[1]):\n"
        "    code = pytest.main([*words, '--collect-only', '-q', '-p', 'no:cacheprovider'])\n"
        "    found[' '.join(words)] = int(code)\n"
        "open(sys.argv[2], 'w').write(json.dumps(found))\n"
    )
    answer = tmp_path / "codes.json"
    command = [sys.executable, "-c", code, json.dumps(asked), str(answer)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert answer.exists(), done.stdout[-2000:] + done.stderr[-2000:]
    assert {given: code for given, code in json.loads(answer.read_text()).items() if code != 0} == {}


@pytest.mark.parametrize("command", [each for each in PYTHON if "benchmarks" in each.values[0]])
def test_a_script_of_the_harness_exists_and_has_the_options(command):
    _, *rest = words(command)
    script = ROOT / (f"{rest[1].replace('.', '/')}.py" if rest[0] == "-m" else rest[0])
    script = script if script.exists() else script.with_suffix("") / "__main__.py"
    source = script.read_text(encoding="utf-8")
    shared = "".join(each.read_text(encoding="utf-8") for each in script.parent.glob("*.py"))
    options = [each for each in rest if re.match(r"--\w", each)]
    assert [each for each in options if f'"{each}"' not in (source if "parse_args" in source else shared)] == []


@pytest.mark.parametrize("command", TOX)
def test_an_environment_of_tox_exists(command):
    name = words(command)[2]
    assert f"[testenv:{name}]" in (ROOT / "tox.ini").read_text(encoding="utf-8")


def test_a_command_of_lab4_that_a_sentence_names_exists():
    parser = full_parser()
    known = {f"lab4 {name}" for name in actions_of(parser)}
    known |= {f"lab4 {name} {each}" for name, own in actions_of(parser).items() for each in actions_of(own)}
    named = {
        f"{page.name}: {found}"
        for page in PAGES
        for found in re.findall(
            r"`lab4 ([a-z][^`]*)`", re.sub(r"^```.*?^```", "", page.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
        )
        if not ({f"lab4 {' '.join(found.split()[:count])}" for count in (1, 2)} & known)
    }
    assert named == set()


def test_the_change_that_adds_a_format_is_the_one_that_was_made():
    """Taken back, it leaves the tree without the format; it is a diff that a program reads."""
    diff = re.search(
        r"^```diff\n(.*?)^```", (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
    )[1]
    command = ["git", "apply", "--check", "--reverse", "--unidiff-zero", "-"]
    done = subprocess.run(command, cwd=ROOT, input=diff, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_there_are_commands_to_look_at():
    assert len(LAB4) > 30
    assert len(PYTEST) > 20
    assert len(PYTHON) > 15
    assert len(TOX) > 5
