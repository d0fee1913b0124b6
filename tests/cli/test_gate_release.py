"""`lab4 gate` on runs of several machines: files, folders and histories."""

import json
from dataclasses import replace
from random import Random

import pytest
from lab4_examples import RUN
from lab4_strategies import document_of

from lab4.cli import main
from lab4.cli.shared import note
from lab4.domain.cell import Cell
from lab4.domain.observed import Latency, Series, Size, WarmUp
from lab4.domain.outcome import Measured, Measurement
from lab4.history.run_file import write_run
from lab4.reading.store import add_document, opened

CELLS = [
    Cell("latency", model, (), "cpu", batch, name)
    for model in ("cnn", "fcnn")
    for batch in (1, 32)
    for name in ("onnx", "tflite_int8")
]
SLOW = "latency/cnn-cpu-b1-tflite_int8"
MACHINES = {"rack-1": "A", "rack-2": "A", "lab-1": "B"}


def run(node, cpu, number, slow=1.0):
    random = Random(f"{node} {number}")
    measurements = []
    for index, cell in enumerate(CELLS):
        usual = 1e-3 * (1 + index) * (slow if cell.key == SLOW else 1.0) * (1 + random.gauss(0, 0.004))
        calls = tuple(round(usual * (1 + abs(random.gauss(0, 0.01))), 9) for _ in range(8 * 90))
        latency = Latency(
            Series(calls, (90,) * 8, 1, "one call"),
            None,
            (3e-5,) * 8,
            0.01,
            0.5,
            WarmUp(3, 0.1, steady=True),
            1,
            "target",
            0.02,
        )
        measurements.append(Measurement(cell, Measured(latency=latency, size=Size(1000, 900))))
    machine = replace(RUN.machine, node=node, cpu=cpu)
    started = f"2026-02-01T{number:02d}:00:00+00:00"
    return replace(RUN, measurements=tuple(measurements), started_at=started, complete=True, machine=machine)


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Three machines: four saved runs of each, and a release of unchanged and one of slower code."""
    folder = tmp_path_factory.mktemp("fleet")
    for node, cpu in MACHINES.items():
        for number in range(4):
            write_run(folder / "saved" / f"{node}-{number}.json", document_of(run(node, cpu, number)))
        write_run(folder / "same" / f"{node}.json", document_of(run(node, cpu, 10)))
        write_run(folder / "slow" / f"{node}.json", document_of(run(node, cpu, 11, 1.2)))
    return folder


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def gate(capsys, *words):
    """The exit code, what was printed and what was noted."""
    code = main(["gate", *map(str, words)])
    return code, *capsys.readouterr()


def test_a_folder_of_several_machines_runs_is_judged_as_one_release(capsys, files):
    code, out, err = gate(capsys, files / "same", "--baseline", files / "saved")
    assert (code, err) == (0, "")
    assert out.startswith("release: passed: 3 machines judged")


def test_slower_code_fails_the_release_on_all_machines(capsys, files):
    code, out, _ = gate(capsys, *sorted((files / "slow").iterdir()), "--baseline", files / "saved")
    assert code == 1
    assert "on all 3 machines: a change of the code" in out


def test_every_report_is_of_the_release(capsys, files, tmp_path):
    reports = [word for name in ("json", "junit", "markdown") for word in (f"--{name}", tmp_path / name)]
    code, out, _ = gate(capsys, files / "slow", "--baseline", files / "saved", *reports)
    assert code == 1
    document = json.loads((tmp_path / "json").read_text())
    assert document["summary"] == out.splitlines()[-1]
    assert [each["name"] for each in document["machines"]] == sorted(MACHINES)
    for name in ("junit", "markdown"):
        assert "on all machines (the code)" in (tmp_path / name).read_text()


def test_each_machine_is_judged_against_its_last_runs_of_the_history(capsys, files, tmp_path):
    history = str(tmp_path / "history")
    store = opened(history, note)
    for path in sorted((files / "saved").iterdir()):
        add_document(store, path.read_bytes(), path.name)
    for number in range(12, 22):  # one machine has many more runs than the others
        path = tmp_path / "more.json"
        write_run(path, document_of(run("rack-2", "A", number)))
        add_document(store, path.read_bytes(), path.name)
    # The candidates are in the history too: each is no baseline of its own.
    for path in sorted((files / "same").iterdir()):
        add_document(store, path.read_bytes(), path.name)
    store.close()
    code, out, _ = gate(capsys, files / "same", "--history", history, "--last", 3, "--json", "-")
    assert code == 0
    document = json.loads(out)
    assert {each["name"]: len(each["gate"]["baselines"]) for each in document["machines"]} == dict.fromkeys(MACHINES, 3)


def test_a_damaged_file_does_not_keep_the_others_from_being_judged(capsys, files, tmp_path):
    bad = tmp_path / "bad.json"
    bad.write_text('{"benchmarks": [')
    code, out, _ = gate(capsys, files / "same", bad, "--baseline", files / "saved")
    assert code == 2
    assert f"{bad} cannot be judged: cannot read {bad}: it is cut off" in out
    code, out, _ = gate(capsys, files / "slow", bad, "--baseline", files / "saved")
    assert code == 1
    one, *_ = sorted((files / "same").iterdir())
    code, out, err = gate(capsys, one, bad, "--baseline", files / "saved")
    assert (code, out) == (2, "")
    assert f"cannot read {bad}" in err


def test_the_policy_says_which_machines_must_be_there_and_whether_one_may_be_unjudged(capsys, files, tmp_path):
    (tmp_path / "pyproject.toml").write_text('[tool.lab4.gate]\nmachines = ["rack-*", "phone"]\n')
    code, out, _ = gate(capsys, files / "same", "--baseline", files / "saved")
    assert code == 1
    assert "phone is missing: no run of this release is of such a machine" in out
    (tmp_path / "pyproject.toml").write_text('[tool.lab4.gate]\nunjudged-machines = "warn"\n')
    saved = [path for path in (files / "saved").iterdir() if not path.name.startswith("lab-1")]
    code, out, _ = gate(capsys, files / "same", "--baseline", *saved)
    assert code == 0
    assert "lab-1 has no baseline, so that only its budgets were judged" in out
    assert "(the policy only warns)" in out


def test_a_release_cannot_be_measured_again_here(capsys, files, tmp_path):
    (tmp_path / "benchmarks").mkdir()
    code, _, err = gate(capsys, files / "same", "--baseline", files / "saved", "--confirm")
    assert code == 2
    assert "--confirm measures on this machine, and the candidates are of 3 machines; leave it out" in err


def test_one_machine_is_judged_against_its_own_among_baselines_of_several(capsys, files):
    code, out, err = gate(capsys, files / "same" / "lab-1.json", "--baseline", files / "saved")
    assert code == 0
    assert out.splitlines()[-1].startswith("gate: passed")
    assert "baselines of other machines are left out: 8 of 12 runs" in err


def test_a_change_on_all_machines_can_be_approved_and_one_on_some_cannot(capsys, files, tmp_path):
    words = ["approve", "--baseline", str(files / "saved"), "--reason", "exact", "--approvals", str(tmp_path / "a")]
    assert main([*words, str(files / "slow")]) == 0
    assert f"approved: latency of {SLOW} on all machines" in capsys.readouterr().out
    assert (
        main(["gate", str(files / "slow"), "--baseline", str(files / "saved"), "--approvals", str(tmp_path / "a")]) == 0
    )
    capsys.readouterr()
    (tmp_path / "a").unlink()
    mixed = [files / "slow" / "lab-1.json", files / "same" / "rack-1.json", files / "same" / "rack-2.json"]
    assert main([*words, *map(str, mixed)]) == 2
    assert "there is nothing to approve" in capsys.readouterr().err


def test_a_machine_s_own_approval_is_none_of_another_machine_unless_that_is_meant(capsys, files, tmp_path):
    known = ["--baseline", str(files / "saved"), "--approvals", str(tmp_path / "a")]
    one, other = (str(files / "slow" / f"{name}.json") for name in ("rack-1", "rack-2"))
    assert main(["approve", one, *known, "--reason", "a driver"]) == 0
    assert f"approved: latency of {SLOW} on rack-1" in capsys.readouterr().out
    assert main(["gate", one, *known]) == 0
    assert main(["gate", other, *known]) == 1
    assert "approved on rack-1 alone; approve here too, or once with lab4 approve --all-machines" in (
        " ".join(capsys.readouterr().out.split())
    )
    assert main(["approve", one, *known, "--reason", "a driver", "--all-machines"]) == 2  # it is approved there
    (tmp_path / "a").unlink()
    assert main(["approve", one, *known, "--reason", "the code", "--all-machines"]) == 0
    assert main(["gate", other, *known]) == 0
