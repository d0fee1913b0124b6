import json
import shutil
import subprocess
import sys
from dataclasses import replace

import pytest
from lab4_examples import RUN
from lab4_strategies import document_of

from lab4.cli import main
from lab4.domain.catalogue import MetricTraits
from lab4.history.run_file import write_run

#: What pytest-benchmark itself saves, of a suite that knows nothing of lab4.
PLAIN = """
def test_something(benchmark):
    benchmark(sum, range(1000))
"""


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "run.json"
    write_run(path, document_of(RUN))
    return path


def test_a_run_is_added_listed_shown_and_exported(lab4, file, tmp_path):
    assert "added as 1" in lab4("history", "add", file).stdout
    assert "already there" in lab4("history", "add", file).stdout
    listed = lab4("history", "list").stdout
    assert "c0ffee" in listed
    assert "2 cells" in listed
    shown = lab4("history", "show", "1").stdout
    assert "latency/cnn-cpu-b1-onnx" in shown
    lab4("history", "export", "1", "-o", tmp_path / "again.json")
    assert (tmp_path / "again.json").read_bytes() == file.read_bytes()
    assert "has no run 7" in lab4("history", "show", "7", code=2).stderr


def test_the_index_is_made_again_from_the_files(here, file, tmp_path):
    here("history", "add", file)
    (saved,) = (tmp_path / ".benchmarks").glob("*/0001_c0ffee_uncommitted-changes_*.json")
    for index in (tmp_path / ".benchmarks").glob("lab4-history.sqlite*"):
        index.unlink()
    assert "c0ffee" in here("history", "list").stdout
    assert saved.read_bytes() == file.read_bytes()


def test_an_empty_history_says_so(here):
    assert "is empty" in here("history", "list").stderr
    assert "it is empty" in here("history", "trend", "cnn*", code=2).stderr


def test_plain_pytest_benchmark_files_are_imported(here, tmp_path):
    folder = tmp_path / "plain"
    folder.mkdir()
    (folder / "test_plain.py").write_text(PLAIN)
    for _ in range(2):
        subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-p", "no:lab4", "--benchmark-autosave", "--benchmark-save-data"],
            cwd=folder,
            check=True,
            capture_output=True,
        )
    out = here("history", "import", folder / ".benchmarks").stdout
    assert "2 added" in out
    assert "test_plain.py::test_something" in here("history", "show", "1").stdout
    assert "no change in 1 cells over up to 2 runs" in here("history", "trend").stdout
    first, second = sorted((folder / ".benchmarks").rglob("*.json"))
    document = json.loads(second.read_text())
    document["benchmarks"][0]["stats"]["data"] = []
    document["benchmarks"][0]["stats"]["min"] = "fast"
    second.write_text(json.dumps(document))
    assert "is damaged" in here("history", "import", second, code=2).stderr
    assert "JSON of something else" in here("history", "import", _other(tmp_path), code=2).stderr
    assert first.exists()


def _other(tmp_path):
    path = tmp_path / "other.json"
    path.write_text('{"benchmarks": 3}')
    return path


def test_what_cannot_be_read_does_not_stop_a_folder(here, file, tmp_path):
    folder = tmp_path / "runs"
    folder.mkdir()
    shutil.copy(file, folder / "a.json")
    (folder / "b.json").write_text('{"lab4": ')
    answer = here("history", "add", folder)
    assert "1 added" in answer.stdout
    assert "skipped" in answer.stderr


def test_old_runs_are_pruned_with_their_files(here, tmp_path):
    for number in range(4):
        path = tmp_path / f"{number}.json"
        write_run(path, document_of(replace(RUN, started_at=f"2026-01-0{number + 1}T00:00:00+00:00")))
        here("history", "add", path)
    assert "3 runs removed" in here("history", "prune", "--keep", "1").stdout
    assert len(here("history", "list").stdout.splitlines()) == 1
    assert len(list((tmp_path / ".benchmarks").rglob("*.json"))) == 1
    assert "name a positive number" in here("history", "prune", "--keep", "0", code=2).stderr


def test_each_machine_of_a_kind_keeps_its_runs_and_containers_are_one_machine(here, tmp_path):
    nodes = ["rack-1", "rack-2", "c0ffee", "rack-1", "rack-2", "decade", "rack-2", "facade"]
    for number, node in enumerate(nodes):
        path = tmp_path / f"{number}.json"
        started = f"2026-01-0{number + 1}T00:00:00+00:00"
        write_run(path, document_of(replace(RUN, started_at=started, machine=replace(RUN.machine, node=node))))
        here("history", "add", path)
    here("history", "prune", "--keep", "2")
    kept = [json.loads(path.read_text()) for path in (tmp_path / ".benchmarks").rglob("*.json")]
    # The last two of each machine, and of all: a name that came once is of a container.
    assert sorted(each["machine_info"]["lab4"]["node"] for each in kept) == [
        "facade",
        "rack-1",
        "rack-1",
        "rack-2",
        "rack-2",
    ]


def test_a_trend_knows_the_metrics_of_every_run(here, tmp_path):
    f1 = MetricTraits("f1", "F1", "share", higher_is_better=True)
    catalogue = replace(RUN.catalogue, metrics={**RUN.catalogue.metrics, "f1": f1})
    for number, entries in enumerate((catalogue, RUN.catalogue)):
        path = tmp_path / f"{number}.json"
        started = f"2026-01-0{number + 1}T00:00:00+00:00"
        write_run(path, document_of(replace(RUN, started_at=started, catalogue=entries)))
        here("history", "add", path)
    here("history", "trend", "--figure", "f1")


def test_what_was_pruned_from_another_folder_stays_away_with_its_copies(file, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    newer = tmp_path / "newer.json"
    write_run(newer, document_of(replace(RUN, started_at="2026-02-01T00:00:00+00:00")))
    assert main(["history", "add", str(file), str(newer)]) == 0
    shutil.copy(file, tmp_path / ".benchmarks" / "copy.json")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert main(["history", "prune", "--keep", "1", "--history", "../.benchmarks"]) == 0
    capsys.readouterr()
    assert main(["history", "list", "--history", str(tmp_path / ".benchmarks")]) == 0
    assert [line.split()[1] for line in capsys.readouterr().out.splitlines()] == ["2026-02-01T00:00:00"]


def test_an_unknown_figure_is_refused(here, file):
    here("history", "add", file)
    assert "'speed'" in here("history", "trend", "--figure", "speed", code=2).stderr


def test_runs_are_compared(here, file, tmp_path):
    other = tmp_path / "other.json"
    shutil.copy(file, other)
    out = here("compare", f"old={file}", f"new={other}").stdout
    assert "nothing differs" in out
    assert "1.00x" in out
    assert "| --- |" in here("compare", f"old={file}", f"new={other}", "--markdown").stdout
    document = json.loads(here("compare", f"old={file}", f"new={other}", "--to", "new", "--json").stdout)
    assert document["reference"].startswith("new")
    assert "'older'" in here("compare", f"old={file}", f"new={other}", "--to", "older", code=2).stderr
    assert "two runs are called 'a'" in here("compare", f"a={file}", f"a={other}", code=2).stderr
    assert "one run only" in here("compare", file, code=2).stderr
