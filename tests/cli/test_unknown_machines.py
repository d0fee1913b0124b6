"""Facts of a machine that a file lacks equal no other file's: neither gate nor trend nor prune takes them for equal."""

import json

import pytest
from lab4_host_files import IDENTIFIED, UNKNOWN, host_document

from lab4.cli import main

LAPTOP = UNKNOWN | {"node": "lap", "system": "Darwin"}


@pytest.fixture(autouse=True)
def files(tmp_path, monkeypatch):
    """Four runs of a machine and four slower ones of another, of which nothing but the names is known."""
    monkeypatch.chdir(tmp_path)
    for number in range(8):
        machine, seconds = (UNKNOWN, 1e-3) if number < 4 else (LAPTOP, 3e-3)
        save(f"{number}.json", number, machine, seconds * (1 + number % 4 / 1000))
    return [f"{number}.json" for number in range(8)]


def save(name, number, machine, seconds=1e-3):
    with open(name, "w", encoding="utf-8") as file:  # noqa: PTH123  # in the test's folder
        json.dump(host_document(number, machine, seconds), file)


def listed(capsys):
    capsys.readouterr()
    assert main(["history", "list"]) == 0
    return [line.split()[2] for line in capsys.readouterr().out.splitlines()]


def test_the_gate_judges_no_unknown_machine(files, capsys):
    assert main(["gate", files[4], "--baseline", *files[:4]]) == 2
    said = capsys.readouterr().err
    assert "these runs may be of different machines: 0.json has no CPU model and no number of cores" in said
    assert "--assume-same-machine" in said


@pytest.mark.parametrize(
    ("cpu", "lacks"),
    [
        ({"count": 4}, "no CPU model"),
        ({"brand_raw": "Test CPU"}, "no number of cores"),
        ({"brand_raw": "x86_64", "count": 4}, "no CPU model"),
    ],
)
def test_the_gate_names_what_is_missing(cpu, lacks, capsys):
    for number in range(3):
        save(f"{number}.json", number, UNKNOWN | {"cpu": cpu})
    assert main(["gate", "0.json", "--baseline", "1.json", "2.json"]) == 2
    assert f" has {lacks}; give runs" in capsys.readouterr().err


def test_a_known_and_an_unknown_machine_are_two(files, capsys):
    save("known.json", 9, IDENTIFIED)
    assert main(["gate", "known.json", "--baseline", *files[:4]]) == 2
    assert "0.json has no CPU model" in capsys.readouterr().err


def test_the_gate_assumes_one_machine_where_it_is_told_and_says_so(files, capsys):
    assert main(["gate", files[3], "--baseline", *files[:3], "--assume-same-machine"]) == 0
    out = capsys.readouterr().out
    assert "note: --assume-same-machine: the runs are judged as runs of one machine, but 0.json has no CPU model" in out
    assert main(["gate", files[4], "--baseline", *files[:4], "--assume-same-machine"]) == 1
    assert "operating system: Linux 1 in the baseline, Darwin 1 in the candidate" in capsys.readouterr().out


def test_machines_that_are_known_to_differ_are_not_assumed_to_be_one(capsys):
    save("one.json", 0, IDENTIFIED)
    save("other.json", 1, IDENTIFIED | {"cpu": {"brand_raw": "Other CPU", "count": 4}})
    assert main(["gate", "one.json", "--baseline", "other.json", "--assume-same-machine"]) == 2
    assert (
        "the baseline was measured on another machine (Other CPU; the candidate: Test CPU)" in capsys.readouterr().err
    )


def test_each_machine_of_a_history_is_pruned_by_itself(files, capsys):
    assert main(["history", "add", *files]) == 0
    assert main(["history", "prune", "--keep", "4"]) == 0
    names = listed(capsys)
    assert len(names) == 8
    assert len(set(names)) == 2
    assert main(["history", "prune", "--keep", "1"]) == 0
    assert len(set(listed(capsys))) == len(listed(capsys)) == 2


def test_a_trend_takes_no_two_unknown_machines_for_one(files, capsys):
    assert main(["history", "add", *files]) == 0
    assert main(["history", "trend"]) == 0
    answer = capsys.readouterr()
    assert answer.out.splitlines()[-1] == "no change in 1 cells over up to 8 runs"
    assert "8 runs have no CPU model or no number of cores, so each counts as a machine of its own" in answer.err


def test_a_trend_follows_runs_of_one_name_where_it_is_told(capsys):
    for number in range(12):
        save(f"{number}.json", number, UNKNOWN, (1e-3 if number < 6 else 3e-3) * (1 + number % 3 / 1000))
    assert main(["history", "add", *(f"{number}.json" for number in range(12))]) == 0
    assert main(["history", "trend"]) == 0
    assert "no change" in capsys.readouterr().out
    assert main(["history", "trend", "--assume-same-machine"]) == 0
    answer = capsys.readouterr()
    assert "on machine unidentified-linux-desk-x86_64-" in answer.out
    assert "those of one name are taken as one machine" in answer.err


def test_a_comparison_says_that_it_does_not_know_the_machines(files, capsys):
    assert main(["compare", files[0], files[1]]) == 0
    assert "CPU: unknown to unknown; logical cores: unknown to unknown" in capsys.readouterr().out


def test_a_comparison_says_where_a_side_may_be_of_several_machines_and_where_a_run_meets_itself(tmp_path, capsys):
    for name in ("old", "new"):
        (tmp_path / name).mkdir()
        for number in range(2):
            save(f"{name}/{number}.json", number, UNKNOWN)
    assert main(["compare", "old", "new"]) == 0
    said = capsys.readouterr().err
    assert "the runs of old may be of several machines: old/0.json has no CPU model and no number of cores" in said
    assert "new/0.json of new is the same run as old/0.json of old: it is compared with itself" in said


def test_an_address_of_a_database_is_no_missing_baseline(capsys):
    """A first run would pass for ever."""
    assert main(["gate", "0.json", "--baseline", "postgresql://u@h/db", "--first-run-ok"]) == 2
    assert "name a database with --history" in capsys.readouterr().err


@pytest.mark.parametrize("cpu", ["X", {"brand_raw": "Unknown CPU", "count": 2}, {"brand_raw": "CPU", "count": True}])
def test_odd_facts_are_unknown_ones(cpu, capsys):
    for number in (0, 7):
        save(f"{number}.json", number, UNKNOWN | {"cpu": cpu}, 1e-3)
    assert main(["gate", "0.json", "--baseline", "7.json"]) == 2
    assert "--assume-same-machine" in capsys.readouterr().err
