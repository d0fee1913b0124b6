"""The gate as an engineer uses it: a project in git, two revisions interleaved, real runtimes."""

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from functools import partial

import pytest

from lab4.analysis.spreads import spreads_of
from lab4.history.run_file import read_run
from lab4.reading.runs import runs_at

#: A kernel that does its work a hundred times over, in front of the real ONNX Runtime: by far more than a busy machine
#: makes of it from run to run.
SLOWER = """
import importlib.machinery, importlib.util, pathlib, sys

_here = str(pathlib.Path(__file__).parents[1])
_spec = importlib.machinery.PathFinder.find_spec(__name__, [path for path in sys.path if path != _here])
_real = importlib.util.module_from_spec(_spec)
sys.modules[__name__] = _real
_spec.loader.exec_module(_real)


class InferenceSession(_real.InferenceSession):
    def run(self, *arguments):
        for _ in range(99):
            super().run(*arguments)
        return super().run(*arguments)


_real.InferenceSession = InferenceSession
"""
WHAT = (
    "benchmarks -m inference --lab4-profile quick --lab4-models fcnn --lab4-techniques finetuned --lab4-devices cpu "
    "--lab4-batch-sizes 1 --lab4-formats onnx,tflite_float32 -k 'not finetuned'"
)
SLOW = "latency/fcnn-cpu-b1-onnx"


def git(folder, *arguments):
    named = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org")
    subprocess.run(["git", *named, *arguments], cwd=folder, check=True, capture_output=True)


@pytest.fixture(scope="module")
def project(pytestconfig, tmp_path_factory):
    """A project whose second revision made one runtime slower."""
    folder = tmp_path_factory.mktemp("project")
    shutil.copytree(pytestconfig.rootpath / "benchmarks", folder / "benchmarks")
    # No alarm by chance in a thousand runs of these tests.
    (folder / "pyproject.toml").write_text('[tool.lab4.gate]\nfalse-alarms = "0.1%"\n')
    git(folder, "init", "--quiet", "--initial-branch=main")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "fast")
    (folder / "onnxruntime").mkdir()
    (folder / "onnxruntime" / "__init__.py").write_text(SLOWER)
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "slow")
    return folder


@pytest.fixture(scope="module")
def environment(shared_cache, pytestconfig):
    paths = [str(pytestconfig.rootpath), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {**os.environ, "LAB4_CACHE": str(shared_cache), "PYTHONPATH": os.pathsep.join(paths)}


@pytest.fixture(scope="module")
def lab4(project, environment):
    def run(*arguments):
        command = [sys.executable, "-m", "lab4", *map(str, arguments)]
        answer = subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, check=False)
        assert "Traceback" not in answer.stdout + answer.stderr
        return answer

    return run


@pytest.fixture(scope="module")
def gate(lab4):
    return partial(lab4, "gate")


@pytest.fixture(scope="module")
def compared(gate, project):
    """Both revisions, measured once: how the gate ended, its verdicts, and the folder of the runs that it kept."""
    place, verdicts = project / "lab4-results" / "gate", project / "compared.json"
    for minutes in ("1", "20"):  # on a busy machine a minute may be too short to decide
        before = set(place.glob("*"))
        answer = gate("--against", "HEAD~1", "--minutes", minutes, "--pytest", WHAT, "--json", verdicts)
        if answer.returncode != 2:
            break
    assert answer.returncode == 1, answer.stdout + answer.stderr
    assert f"pair 1 of runs, after 0 of at most {minutes} minutes: all cells" in answer.stderr
    (kept,) = set(place.iterdir()) - before
    return answer, json.loads(verdicts.read_text())["verdicts"], kept


def test_a_revision_that_is_slower_is_stopped(compared):
    _, verdicts, kept = compared
    assert {each["cell"] for each in verdicts if each["verdict"] == "worse"} == {SLOW}
    latency = next(each for each in verdicts if (each["cell"], each["figure"]) == (SLOW, "latency"))
    assert latency["change"] > 1
    assert {side.name: len(list(side.glob("*.json"))) >= 2 for side in kept.iterdir()} == {
        "baseline": True,
        "candidate": True,
    }
    # What no gate asks for took no time; what it does ask for is there.
    run = read_run(kept / "candidate" / "001.json")
    assert run.peaks == ()
    assert all(each.outcome.missing["work"] == "left out (--lab4-resources)" for each in run.measurements)
    assert all(each.outcome.memory.bytes for each in run.measurements)


def test_a_slower_revision_can_be_approved_by_the_files_of_its_runs(compared, gate, lab4, project, tmp_path):
    *_, kept = compared
    verdicts = tmp_path / "gate.json"
    sides = (kept / "candidate", "--baseline", kept / "baseline", "--interleaved")
    assert gate(*sides, "--json", verdicts).returncode == 1
    changes = {
        each["figure"]: each["change"]
        for each in json.loads(verdicts.read_text())["verdicts"]
        if (each["cell"], each["verdict"]) == (SLOW, "worse")
    }
    approved = lab4("approve", *sides, "--cells", "*onnx", "--reason", "checks its work")
    assert approved.returncode == 0, approved.stderr
    approvals = [json.loads(line) for line in (project / "lab4-approvals.jsonl").read_text().splitlines()]
    assert {each["cell"] for each in approvals} == {SLOW}
    factors = {each["figure"]: each["factor"] for each in approvals}
    assert factors["latency"] > 2
    assert {figure: factor > 1 for figure, factor in factors.items()} == {
        figure: change > 0 for figure, change in changes.items()
    }
    (project / "lab4-approvals.jsonl").unlink()


def test_selected_cells_alone_are_measured_on_both_sides_and_approved_changes_are_no_regressions(
    compared, gate, lab4, project
):
    *_, kept = compared
    sides = (kept / "candidate", "--baseline", kept / "baseline", "--interleaved")
    assert lab4("approve", *sides, "--reason", "checks its work", "--approvals", "own.jsonl").returncode == 0
    # On a busy machine a hundred calls may take some times as long again; what was approved is far more.
    loose = '[tool.lab4.gate]\n[[tool.lab4.gate.thresholds]]\ncells = "*"\nfigure = "*"\nchange = "900%"\n'
    (project / "loose.toml").write_text(loose)
    answer = gate(
        *("--against", "HEAD~1", "--minutes", "0.01", "--runs", "few"),
        *("--pytest", WHAT.replace("onnx,", "onnx,tflite_int8,")),
        *("--cells", "fcnn-cpu-b1-onnx, *int8", "--no-confirm", "--approvals", "own.jsonl", "--policy", "loose.toml"),
    )
    assert answer.returncode in {0, 2}, answer.stdout + answer.stderr  # one pair of runs may be too few
    assert re.search(rf"the baseline has \d+ approved changes?: .*latency of {SLOW}, \+", answer.stdout)
    runs = [read_run(path) for path in (project / "few").rglob("*.json")]
    chosen = {SLOW, "latency/fcnn-cpu-b1-tflite_int8"}
    assert len(runs) == 2
    assert all({each.cell.key for each in run.measurements} == chosen for run in runs)


def test_another_environment_that_is_the_same_is_not_worse(gate):
    answer = gate("--against-env", sys.executable, "--minutes", "0.01", "--pytest", WHAT, "--confirm")
    assert answer.returncode in {0, 2}, answer.stdout + answer.stderr  # a pair may be too few to decide
    assert "interleaved: 1 run of each side" in answer.stdout
    assert " worse" not in answer.stdout.splitlines()[-1]
    assert "in at most 0.1% of comparisons of unchanged code, over all interim analyses" in answer.stdout


def test_a_flagged_cell_is_measured_again_and_still_stops(compared, gate, project):
    """The fast revision's runs are the baseline, the slow checkout's first run the candidate."""
    *_, kept = compared
    candidate = kept / "candidate" / "001.json"
    (project / "none.jsonl").touch()
    answer = gate(candidate, "--baseline", kept / "baseline", "--confirm", "--approvals", "none.jsonl")
    assert answer.returncode == 1, answer.stdout + answer.stderr
    assert "second look, run 3 of 3: " in answer.stderr
    assert "flagged and measured again" in answer.stdout


def test_pytest_measures_again_what_looks_worse(compared, project, environment):
    *_, kept = compared
    command = [sys.executable, "-m", "pytest", *shlex.split(WHAT), "-p", "no:cacheprovider"]
    command += ["--lab4-gate", str(kept / "baseline"), "--lab4-output", "judged"]
    answer = subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, check=False)
    assert answer.returncode == 1, answer.stdout + answer.stderr
    assert "second look, run 3 of 3: " in answer.stderr
    assert "flagged and measured again" in answer.stdout
    found = json.loads((project / "judged" / "gate.json").read_text())
    assert {each["cell"] for each in found["verdicts"] if each["verdict"] == "worse"} == {SLOW}


def test_calibration_measures_fills_the_history_and_says_its_false_alarms(gate, project):
    answer = gate("--calibrate", "3", "--spreads", "spreads.json", "--pytest", f"{WHAT} -k tflite")
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert "3 runs added to" in answer.stdout
    assert "each of 3 baseline runs was judged against the others" in answer.stdout
    assert len(list((project / ".benchmarks").rglob("*.json"))) == 3
    own = spreads_of((project / "spreads.json").read_text(), "spreads.json")
    # Runs in which a cell's calls were all contended are left out where there is another: one alone has no spread.
    runs = runs_at([project / ".benchmarks"], print)
    keys = [key for key, cell in runs[0].cells.items() if "latency" in cell.values]
    uncontended = [sum("latency" in run.cells[key].corrected for run in runs) for key in keys]
    assert ("latency" in own.deviations) is any(each != 1 for each in uncontended)


@pytest.mark.skipif(sys.platform == "win32", reason="no signals on Windows")
def test_an_interrupt_keeps_the_runs_and_leaves_nothing_behind(project, environment):
    report = project / "interrupted.md"
    report.write_text("passed", encoding="utf-8")  # by an earlier gate
    command = [sys.executable, "-m", "lab4", "gate", "--against", "HEAD~1", "--pytest", WHAT, "--runs", "interrupted"]
    command += ["--markdown", str(report)]
    shown = []
    with subprocess.Popen(command, cwd=project, env=environment, stderr=subprocess.PIPE, text=True) as process:
        for line in process.stderr:
            shown.append(line)
            if "lab4: pair 2" in line:
                process.send_signal(signal.SIGTERM)
    assert process.returncode == 130
    assert "Traceback" not in "".join(shown)
    assert "interrupted; the runs measured so far are in" in shown[-1]
    # A pair that had begun may have ended before this process was heard.
    pairs = sum("lab4: pair" in line for line in shown)
    assert 2 <= 2 * (pairs - 1) <= len(list((project / "interrupted").rglob("*.json"))) <= 2 * pairs
    assert "interrupted before a verdict" in report.read_text(encoding="utf-8")
    listed = subprocess.run(["git", "worktree", "list"], cwd=project, check=True, capture_output=True, text=True).stdout
    assert len(listed.splitlines()) == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--against", "nowhere"), "git knows no revision 'nowhere'"),
        (("--against-env", "nowhere"), "there is no Python at"),
        (("run.json", "--against", "HEAD"), "leave out run.json"),
        (("--against", "HEAD", "--last", "3"), "leave out --baseline and --last"),
        (("--against", "HEAD", "--minutes", "0"), "name a positive number"),
        (("--calibrate", "2"), "at least 3 runs"),
        (("--against", "HEAD", "--spreads", "spreads.json"), "--spreads has no use with --against"),
        (("run.json", "--thorough"), "is for measuring now, with --against REV"),
        ((), "name the candidate"),
        (("--against", "HEAD", "--pytest", "benchmarks -k nothing"), "left no results"),
        (("--against", "HEAD", "--pytest", "benchmarks --lab4-models none"), "unknown model 'none'"),
        (("--against", "HEAD", "--pytest", "'"), "--pytest"),
        (("--against", "HEAD", "--pytest", WHAT, "--cells", "*onnx,*tflite_int8"), "no cell is like '*tflite_int8'; "),
        (("--against", "HEAD", "--cells", "fcnn-cpu-b1-onxx"), "did you mean fcnn-cpu-b1-onnx"),
        (("--calibrate", "3", "--cells", ""), "--cells is empty"),
    ],
)
def test_what_cannot_be_done_is_refused_in_one_sentence(gate, arguments, message):
    answer = gate(*arguments)
    assert answer.returncode == 2
    assert message in answer.stderr.splitlines()[-1], answer.stderr
