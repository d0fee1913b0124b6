"""What a run keeps when it is killed, when another run wants its folder, and when its folder is removed."""

import json
import shutil
import signal
import subprocess
import sys

import pytest
from lab4_signalled import goes_on, signalled, stopped
from lab4_small_models import UNPRINTED

from lab4.domain.outcome import Measured
from lab4.history.journal import Journal
from lab4.history.run_file import read_run

#: Few rounds, each of which takes a while: two calls of many images for each of two cells.
OPTIONS = {
    "profile": "quick",
    "models": "fcnn",
    "formats": "onnx",
    "devices": "cpu",
    "batch-sizes": "1000,2000",
    "techniques": "finetuned",
    "resources": "memory",
    "report": UNPRINTED,
    "progress": "steps",
}


@pytest.fixture
def command(pytestconfig, shared_cache, tmp_path):
    """Return a function: more arguments to those of a process that runs the suite."""

    def make(*more):
        options = {**OPTIONS, "output": tmp_path / "results", "cache": shared_cache}
        flags = [text for key, value in options.items() for text in (f"--lab4-{key}", str(value))]
        return {
            "args": [sys.executable, "-m", "pytest", "benchmarks", "-m", "inference", *flags, *map(str, more)],
            "cwd": pytestconfig.rootpath,
            "text": True,
        }

    return make


def kept(folder):
    journal = Journal.resume(folder / "journal.jsonl")
    journal.close()
    return journal


def whole_run(folder):
    run = read_run(folder / "run.json")
    assert run.complete
    assert {m.outcome.latency.ended for m in run.measurements} <= {"target", "budget"}
    return run


def test_a_session_killed_twice_loses_at_most_the_rounds_that_it_was_in(command, tmp_path):
    for number, more in ((1, ()), (3, ("--lab4-resume",))):
        signalled(command(*more), signal.SIGKILL, rf"round {number} \(")
        before = kept(tmp_path / "results")
        assert len(before.rounds) >= number - 1
        assert before.entries == {}
    answer = subprocess.run(**command("--lab4-resume"), capture_output=True, check=False)
    assert answer.returncode == 0, answer.stdout
    for measurement in whole_run(tmp_path / "results").measurements:
        windows = [each.windows[measurement.cell.key].samples_s for each in before.rounds]
        calls = measurement.outcome.latency.calls
        assert calls.round_sizes[: len(windows)] == tuple(map(len, windows))
        samples = [sample for each in windows for sample in each]
        assert calls.samples_s[: len(samples)] == pytest.approx(samples, abs=1e-9)
    assert f"round {len(before.rounds) + 1} (" in answer.stdout
    assert not (tmp_path / "results" / "journal.jsonl").exists()


def test_a_second_run_in_the_same_folder_is_refused_and_the_first_goes_on(command, tmp_path):
    with stopped(command(), r"round 1 \(") as first:  # however long the others take to begin
        others = [
            subprocess.run(**command(*more), capture_output=True, check=False) for more in ((), ("--lab4-resume",))
        ]
        code, text = goes_on(first)
    for other in others:
        assert other.returncode == 4
        assert f"results is in use: process {first.pid} writes its results there" in other.stdout + other.stderr
        assert "Traceback" not in other.stdout + other.stderr
    assert code == 0, text
    whole_run(tmp_path / "results")


def test_what_was_measured_survives_the_removal_of_its_folder(command, tmp_path):
    with stopped(command(), r"round 2 \(") as process:
        shutil.rmtree(tmp_path / "results")
        code, text = goes_on(process)
    assert code == 0, text
    assert "was removed during the run; everything measured so far is in" in text
    assert "Traceback" not in text
    whole_run(tmp_path / "results")


@pytest.mark.skipif(sys.platform != "linux", reason="limits of another process are set on Linux only")
@pytest.mark.parametrize("until", [r"round 2 \(", "2/2 "])
def test_a_run_that_may_open_no_more_files_keeps_what_it_measured(command, tmp_path, until):
    import resource

    # Other plugins, which open files when the run ends, would complain.
    with stopped(command("-p", "no:cacheprovider", "-p", "no:hypothesispytest"), until) as process:
        resource.prlimit(process.pid, resource.RLIMIT_NOFILE, (5, 5))
        code, text = goes_on(process)
    assert code != 0
    assert "Traceback" not in text
    assert "Too many open files; raise the limit of open files with ulimit -n" in text
    assert kept(tmp_path / "results").rounds
    answer = subprocess.run(**command("--lab4-resume"), capture_output=True, check=False)
    assert answer.returncode == 0, answer.stdout
    assert all(isinstance(each.outcome, Measured) for each in whole_run(tmp_path / "results").measurements)


def test_a_record_damaged_by_one_character_costs_its_own_cell(command, tmp_path):
    signalled(command(), signal.SIGKILL, r"^\s*2/")
    path = tmp_path / "results" / "journal.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    number = next(number for number, line in enumerate(lines) if b'"key"' in line)
    record = json.loads(lines[number])
    lines[number] = lines[number].replace(b'"budget"', b'"bodget"').replace(b'"target"', b'"torget"', 1)
    assert json.loads(lines[number]) != record
    path.write_bytes(b"".join(lines))
    answer = subprocess.run(**command("--lab4-resume"), capture_output=True, check=False)
    assert answer.returncode == 0, answer.stdout
    assert f"line {number + 1} is damaged" in answer.stdout
    assert all(isinstance(each.outcome, Measured) for each in whole_run(tmp_path / "results").measurements)
