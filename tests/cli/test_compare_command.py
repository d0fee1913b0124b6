"""`lab4 compare`: how runs are named, and what gives the columns."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from lab4_examples import RUN
from lab4_strategies import document_of

from lab4.cli import main
from lab4.domain.cell import LATENCY
from lab4.domain.outcome import Measured
from lab4.history.run_file import write_run


@pytest.fixture(autouse=True)
def files(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("a.json", "b.json", "x=y/run.json"):
        write_run(tmp_path / name, document_of(RUN))


@pytest.mark.parametrize(
    ("written", "names"),
    [
        (("a.json", "b.json"), ["a", "b"]),
        (("old=a.json", "new=b.json"), ["old", "new"]),
        (("x=y/run.json", "b.json"), ["x=y", "b"]),
        (("n=x=y/run.json", "b.json"), ["n", "b"]),
        (("=a.json", "b.json"), ["a", "b"]),
    ],
)
def test_a_path_may_have_an_equals_sign(capsys, written, names):
    assert main(["compare", "--json", *written]) == 0
    assert json.loads(capsys.readouterr().out)["sides"] == names


def test_a_path_that_is_not_there_is_named_without_its_name(capsys):
    assert main(["compare", "old=none=1.json", "b.json"]) == 2
    assert "cannot read none=1.json: there is no such file" in capsys.readouterr().err


def test_one_run_with_two_devices_is_compared_by_device(capsys):
    write_run(Path("both.json"), document_of(on_devices("cpu", "gpu")))
    assert main(["compare", "both.json", "--by", "device", "--figure", "p50", "--figure", "throughput", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert [column["label"] for column in document["columns"]] == ["cpu", "gpu"]
    assert [table["figure"] for table in document["tables"]] == ["p50", "throughput"]


@pytest.mark.parametrize("how", [(), ("--markdown",), ("--json",)])
def test_a_cpu_run_is_compared_with_a_gpu_run(capsys, how):
    for device in ("cpu", "gpu"):
        write_run(Path(f"{device}.json"), document_of(on_devices(device)))
    assert main(["compare", "here=cpu.json", "there=gpu.json", "--to", "there", *how]) == 0
    page = capsys.readouterr().out
    assert "here cpu" in page
    assert "there gpu" in page


@pytest.mark.parametrize(
    ("written", "says"),
    [
        (
            ("a.json", "--by", "machine"),
            "there is one run only, with one machine (a); to compare, name more runs, or",
        ),
        (("a.json", "--by", "threads,colour"), "unknown axis 'colour'; valid: machine, device"),
        (("a.json", "b.json", "--figure", "speed"), "unknown figure 'speed'; valid: "),
        (("a.json", "b.json", "--to", "c"), "unknown column 'c'; valid: "),
        (("x=a.json", "x=b.json"), "two runs are called 'x'; name them: NAME=RUN"),
    ],
)
def test_what_cannot_be_compared_is_one_sentence(capsys, written, says):
    assert main(["compare", *written]) == 2
    error = capsys.readouterr().err.splitlines()
    assert any(line.startswith(f"lab4: error: {says}") for line in error)
    assert sum(line.startswith("lab4: error: ") for line in error) == 1


def on_devices(*devices):
    """A run with one latency cell a device."""
    timed = next(each for each in RUN.measurements if each.cell.kind == LATENCY and isinstance(each.outcome, Measured))
    cells = [replace(timed, cell=replace(timed.cell, device=device, threads=1)) for device in devices]
    return replace(RUN, measurements=tuple(cells))
