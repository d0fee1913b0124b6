"""The gate on real files: `lab4 gate` in a process of its own, as CI runs it, and for most tests in this one."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from random import Random
from xml.etree import ElementTree as ET

import pytest
from lab4_examples import RUN
from lab4_strategies import document_of

from lab4.domain.cell import Cell
from lab4.domain.observed import Latency, PerExample, Series, Size, WarmUp
from lab4.domain.outcome import Measured, Measurement
from lab4.history.run_file import write_run

CELLS = [Cell("latency", model, (), "cpu", 1, name) for model in ("cnn", "fcnn") for name in ("onnx", "tflite_int8")]
SLOW = "latency/cnn-cpu-b1-tflite_int8"


def latency(random, factor):
    passes, calls = 8, 90
    samples, beside = [], []
    for _ in range(passes):
        speed = 1 + 0.05 * random.random()
        beside.append(3e-5 * speed)
        samples += [1e-3 * factor * speed * (1 + abs(random.gauss(0, 0.01))) for _ in range(calls)]
    series = Series(tuple(round(value, 9) for value in samples), (calls,) * passes, 1, "one call")
    return Latency(
        series,
        None,
        tuple(round(value, 9) for value in beside),
        0.01,
        0.5,
        WarmUp(3, 0.1, steady=True),
        1,
        "target",
        0.02,
    )


def run(seed, slow=1.0, **changes):
    random = Random(seed)
    measurements = tuple(
        Measurement(
            cell,
            Measured(
                latency=latency(random, slow if cell.key == SLOW else 1.0),
                size=Size(1000, 900),
                metrics={"accuracy": PerExample(tuple(number % 25 != 0 for number in range(2_000)))},
            ),
        )
        for cell in CELLS
    )
    moment = f"2026-02-01T12:{seed % 60:02d}:00+00:00"
    return replace(RUN, measurements=measurements, started_at=moment, complete=True, **changes)


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """A folder with six runs of unchanged code, and two of slower code."""
    folder = tmp_path_factory.mktemp("runs")
    for name, seed, slow in [*((f"base{n}", n, 1.0) for n in range(6)), ("slow1", 20, 1.25), ("slow2", 21, 1.25)]:
        write_run(folder / f"{name}.json", document_of(run(seed, slow)))
    return folder


@pytest.fixture
def files(written, tmp_path):
    """These files by name, copied for one test."""
    return {each.stem: Path(shutil.copy(each, tmp_path)) for each in sorted(written.iterdir())}


def baselines(files, count=5):
    return [files[f"base{number}"] for number in range(count)]


def test_unchanged_code_passes(lab4, files):
    out = lab4("gate", files["base5"], "--baseline", *baselines(files)).stdout
    assert out.splitlines()[-1].startswith("gate: passed")
    assert "each of 5 baseline runs was judged against the others; none ended red" in out


def test_slower_code_is_stopped_in_every_output(lab4, files, tmp_path):
    outputs = {name: tmp_path / f"gate.{name}" for name in ("json", "junit", "markdown")}
    flags = [text for name, path in outputs.items() for text in (f"--{name}", path)]
    answer = lab4("gate", files["slow1"], files["slow2"], "--baseline", *baselines(files), *flags, code=1)
    assert any(line.startswith("worse!") and SLOW in line for line in answer.stdout.splitlines())
    assert answer.stdout.splitlines()[-1].startswith("gate: regression")
    document = json.loads(outputs["json"].read_text())
    assert document["exit_code"] == 1
    worse = [each for each in document["verdicts"] if each["verdict"] == "worse"]
    assert {each["cell"] for each in worse} == {SLOW}
    assert next(each["change"] for each in worse if each["figure"] == "latency") == pytest.approx(0.25, abs=0.03)
    suite = ET.parse(outputs["junit"]).getroot()[0]  # noqa: S314  # our own
    assert suite.get("failures") == str(len(worse))
    assert len(suite.findall("testcase/failure")) == len(worse)
    assert suite.get("tests") == str(len(suite.findall("testcase"))) == str(len(document["verdicts"]))
    page = outputs["markdown"].read_text()
    assert page.startswith("### gate: regression")
    assert f"| **worse** | `{SLOW}` | latency |" in page


def test_github_gets_annotations(lab4, files):
    env = {**os.environ, "GITHUB_ACTIONS": "true"}
    out = lab4("gate", files["slow1"], files["slow2"], "--baseline", *baselines(files), code=1, env=env).stdout
    assert f"::error title=worse latency of {SLOW}::comparison latency +" in out


def test_a_first_run_has_its_own_exit_code(here, files):
    out = here("gate", files["base0"], code=3).stdout
    assert "no baseline" in out
    assert "no baseline" in here("gate", files["base0"], "--first-run-ok").stdout
    answer = here("gate", files["base0"], "--baseline", "nowhere", code=3)
    assert "there is no baseline at nowhere" in answer.stderr


def test_budgets_are_judged_in_a_first_run_too(here, files, tmp_path):
    (tmp_path / "pyproject.toml").write_text('[[tool.lab4.gate.budgets]]\nfigure = "size"\nat-most = "999 B"\n')
    out = here("gate", files["base0"], "--first-run-ok", code=1).stdout
    assert "breaks its budget of at most 999 B" in out
    (tmp_path / "pyproject.toml").write_text('[[tool.lab4.gate.budgets]]\nfigure = "size"\nat-most = "1000 B"\n')
    here("gate", files["base0"], "--first-run-ok")


def test_a_budget_of_cells_that_are_not_selected_stops_nobody(here, files, tmp_path):
    (tmp_path / "pyproject.toml").write_text(
        '[[tool.lab4.gate.budgets]]\ncells = "examine/*"\nfigure = "size"\nat-most = "1 MB"\n'
    )
    sides = (files["base5"], "--baseline", *baselines(files))
    assert "no measured cell matches 'examine/*'" in here("gate", *sides, code=2).stdout
    assert "note: budgets of cells that are not selected" in here("gate", *sides, "--cells", "latency/*").stdout


def test_a_mistake_in_the_policy_is_refused(here, files, tmp_path):
    (tmp_path / "pyproject.toml").write_text("[tool.lab4.gate]\nwarm = []\n")
    answer = here("gate", files["base0"], "--baseline", files["base1"], code=2)
    assert "did you mean 'warn'?" in answer.stderr
    (tmp_path / "pyproject.toml").write_text("[tool.lab4.gate\n")
    assert "pyproject.toml cannot be read" in here("gate", files["base0"], code=2).stderr
    assert "there is no file none.toml" in here("gate", files["base0"], "--policy", "none.toml", code=2).stderr
    Path("flat.toml").write_text("must-detect = '5%'\n")
    said = here("gate", files["base0"], "--policy", "flat.toml", code=2).stderr
    assert "flat.toml has no table [tool.lab4.gate], so that it sets nothing" in said


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "it is empty"),
        ('{"benchmarks": [', "cut off"),
        ("[]", "something else"),
        ('{"benchmarks": []}', "without"),
    ],
)
def test_a_damaged_candidate_or_baseline_cannot_be_judged(here, files, tmp_path, content, message):
    bad = tmp_path / "bad.json"
    bad.write_text(content)
    assert message in here("gate", bad, "--baseline", files["base0"], code=2).stderr
    assert message in here("gate", files["base0"], "--baseline", files["base1"], bad, code=2).stderr


def test_what_cannot_be_judged_leaves_no_earlier_pass_in_the_reports(here, files, tmp_path):
    outputs = {name: tmp_path / f"gate.{name}" for name in ("json", "junit", "markdown")}
    flags = [text for name, path in outputs.items() for text in (f"--{name}", path)]
    here("gate", files["base5"], "--baseline", *baselines(files), *flags)
    (tmp_path / "bad.json").touch()
    here("gate", tmp_path / "bad.json", "--baseline", *baselines(files), *flags, code=2)
    document = json.loads(outputs["json"].read_text())
    assert document["exit_code"] == 2
    assert document["summary"].startswith("gate: cannot judge: cannot read")
    assert "<error" in outputs["junit"].read_text()
    assert "cannot judge" in outputs["markdown"].read_text()


def test_who_reads_json_from_standard_output_learns_what_could_not_be_judged(here, files, tmp_path):
    (tmp_path / "bad.json").touch()
    answer = here("gate", tmp_path / "bad.json", "--baseline", *baselines(files), "--json", "-", code=2)
    assert json.loads(answer.stdout)["exit_code"] == 2
    assert answer.stderr.count("cannot read") == 1


def test_a_report_that_cannot_be_written_swallows_no_verdict(here, files, tmp_path):
    (tmp_path / "file").touch()
    nowhere = ("--json", tmp_path / "file" / "gate.json")
    answer = here("gate", files["base5"], "--baseline", *baselines(files), *nowhere, code=2)
    assert answer.stdout.splitlines()[-1].startswith("gate: passed")
    assert answer.stderr.startswith("lab4: error: cannot write")
    answer = here("gate", files["slow1"], files["slow2"], "--baseline", *baselines(files), *nowhere, code=1)
    assert answer.stdout.splitlines()[-1].startswith("gate: regression")


def test_a_folder_of_runs_is_a_baseline_without_the_candidate_and_what_is_not_a_run(here, files, tmp_path):
    (tmp_path / "other.json").write_text("[]")
    for name in ("slow1", "slow2"):
        files[name].unlink()
    answer = here("gate", files["base5"], "--baseline", tmp_path)
    assert "each of 5 baseline runs" in answer.stdout
    assert "skipped" in answer.stderr


def test_another_machine_is_refused(here, files, tmp_path):
    other = tmp_path / "other.json"
    write_run(other, document_of(run(30, machine=replace(RUN.machine, cpu="Another"))))
    answer = here("gate", other, "--baseline", *baselines(files), code=2)
    assert "the baseline was measured on another machine" in answer.stderr
    assert "ratios" in here("gate", other, "--baseline", *baselines(files), "--cross-machine", code=0).stdout


def test_an_approved_change_passes_from_then_on_and_keeps_its_reason(here, files, tmp_path):
    sides = (files["slow1"], files["slow2"], "--baseline", *baselines(files))
    assert "--reason is missing" in here("approve", *sides, code=2).stderr
    out = here("approve", *sides, "--reason", "safer kernel").stdout
    assert f"approved: latency of {SLOW}" in out
    assert "safer kernel" in (tmp_path / "lab4-approvals.jsonl").read_text()
    here("gate", *sides)
    assert "nothing to approve" in here("approve", *sides, "--reason", "again", code=2).stderr
    (tmp_path / "lab4-approvals.jsonl").write_text("{}\n")
    assert "line 1" in here("gate", *sides, code=2).stderr


def test_some_cells_only(here, files):
    sides = (files["slow1"], files["slow2"], "--baseline", *baselines(files))
    here("gate", *sides, "--cells", "*onnx")
    assert "no cell is like 'rnn*'" in here("gate", *sides, "--cells", "rnn*", code=2).stderr


def test_the_history_is_a_baseline(here, files):
    here("history", "add", *baselines(files))
    assert "each of 5 baseline runs" in here("gate", files["base5"], "--last", "20").stdout
    here("gate", files["slow1"], files["slow2"], "--last", "20", code=1)
    assert "name a positive number" in here("gate", files["base5"], "--last", "0", code=2).stderr


def test_it_needs_no_framework(files):
    code = (
        "import sys; from lab4.cli import main; "
        f"main(['gate', {str(files['base5'])!r}, '--baseline', {str(files['base0'])!r}]); "
        "print([n for n in ('tensorflow', 'numpy', 'pytest', 'sqlalchemy') if n in sys.modules])"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.splitlines()[-1] == "[]"


def test_earlier_names_work_for_one_release_and_say_so(here, files, tmp_path):
    sides = (files["slow1"], files["slow2"], "--baseline", *baselines(files))
    earlier = tmp_path / "lab4-blessings.jsonl"
    earlier.touch()
    answer = here("gate", "bless", *sides, "--reason", "safer kernel")
    assert "lab4 gate bless is now called lab4 approve" in answer.stderr
    assert "lab4-blessings.jsonl is now called lab4-approvals.jsonl; rename it" in answer.stderr
    assert "safer kernel" in earlier.read_text()
    elsewhere = tmp_path / "kept.jsonl"
    earlier.rename(elsewhere)
    assert "--blessings is now called --approvals" in here("gate", *sides, "--blessings", elsewhere).stderr
    assert "--in-turns is now called --interleaved" in here("gate", "--in-turns", code=2).stderr


def test_two_approvals_files_are_not_mixed(here, files, tmp_path):
    for name in ("lab4-blessings.jsonl", "lab4-approvals.jsonl"):
        (tmp_path / name).touch()
    answer = here("gate", files["base5"], "--baseline", *baselines(files))
    assert "lab4-blessings.jsonl is not read, because there is lab4-approvals.jsonl" in answer.stderr


def test_nothing_is_approved_without_a_baseline(here, files):
    answer = here("approve", files["slow1"], "--reason", "safer kernel", code=3)
    assert "no baseline yet" in answer.stderr
    assert "name the candidate" in here("approve", "--reason", "safer kernel", code=2).stderr
