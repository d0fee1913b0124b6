"""`lab4 compare`: how runs are named, and what gives the columns."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from lab4_examples import RUN
from lab4_strategies import document_of

from lab4.cli import main
from lab4.cli.shared import note
from lab4.domain.cell import LATENCY, Cell
from lab4.domain.observed import Artifact, Size
from lab4.domain.outcome import Measured, Measurement
from lab4.history.run_file import write_run
from lab4.measure.answers import answers_of
from lab4.reading.store import add_document, opened


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


def answered(scores, cpu_flags=("avx2",)):
    """The run, with one examined artifact that gave these scores."""
    found = Measured(
        size=Size(2, 1),
        artifact=Artifact("ab" * 32),
        answers=answers_of({"scores": np.float32(scores)}, "ef" * 32, 1e-3),
    )
    cell = Cell("examine", "cnn", (), "cpu", None, "onnx")
    machine = replace(RUN.machine, cpu_flags=cpu_flags)
    return replace(RUN, machine=machine, measurements=(*RUN.measurements, Measurement(cell, found)))


@pytest.mark.parametrize(
    ("other", "says"),
    [
        ([0.5, 1], "same bits, b and a: CNN, onnx"),
        ([0.5001, 1], "within tolerance, b and a (up to 0.0001 of the output's scale in 2 values, 0.001 by rounding)"),
        ([0.6, 1], "other answers, b and a (up to 0.1 of the output's scale in 2 values, 0.001 by rounding)"),
    ],
)
def test_two_machines_say_whether_a_file_computed_the_same(capsys, other, says):
    write_run(Path("a.json"), document_of(answered([0.5, 1])))
    write_run(Path("b.json"), document_of(answered(other, ("avx2", "avx512_vnni"))))
    assert main(["compare", "a.json", "b.json"]) == 0
    page = " ".join(capsys.readouterr().out.split())
    assert "int8 instructions: AVX2 to AVX2, AVX-512 VNNI" in page
    assert says in page
    assert main(["compare", "a.json", "b.json", "--markdown"]) == 0
    assert f"- {says}" in capsys.readouterr().out
    assert main(["compare", "a.json", "b.json", "--json"]) == 0
    ((found,),) = (each["answered"] for each in json.loads(capsys.readouterr().out)["answers"])
    assert says.startswith(found["verdict"])
    assert found["file"] == "ab" * 32


def test_whether_many_machines_computed_the_same_is_one_table(capsys):
    scores = {"a": [0.5, 1], "b": [0.5, 1], "c": [0.5001, 1], "d": [0.6, 1]}
    for name, found in scores.items():
        write_run(Path(f"{name}.json"), document_of(answered(found)))
    other = answered([0.5, 1])
    *others, last = other.measurements
    unlike = replace(last, outcome=replace(last.outcome, artifact=Artifact("cd" * 32)))
    write_run(Path("e.json"), document_of(replace(other, measurements=(*others, unlike))))
    files = [f"{name}.json" for name in "abcde"]
    assert main(["compare", *files]) == 0
    lines = capsys.readouterr().out.splitlines()
    head = next(number for number, line in enumerate(lines) if line.startswith("artifact "))
    assert lines[head].split() == ["artifact", "a", "b", "c", "d", "e"]
    row = ["CNN,", "onnx", "reference", "same", "near", "0.0001", "OTHER", "0.1", "?"]
    assert lines[head + 2].split() == row
    assert lines[head + 3] == "not known in e (another file): CNN, onnx"
    assert main(["compare", *files, "--markdown"]) == 0
    assert "| CNN, onnx | reference | same | near 0.0001 | OTHER 0.1 | ? |" in capsys.readouterr().out
    assert main(["compare", "a.json", "b.json", "same=x=y/run.json"]) == 0
    assert "artifact" not in capsys.readouterr().out  # two of them have none
    write_run(Path("c.json"), document_of(answered([0.5, 1])))
    assert main(["compare", "a.json", "b.json", "c.json"]) == 0
    assert "same bits on all 3: CNN, onnx" in capsys.readouterr().out


def test_by_format_no_answers_are_compared(capsys):
    write_run(Path("a.json"), document_of(answered([0.5, 1])))
    write_run(Path("b.json"), document_of(answered([0.5, 1])))
    assert main(["compare", "a.json", "b.json", "--figure", "size"]) == 0
    assert "outputs of the same file" not in capsys.readouterr().out


def test_a_record_of_an_earlier_lab4_says_that_it_has_no_digest(capsys):
    old = answered([0.5, 1])
    *others, last = old.measurements
    without = replace(last, outcome=replace(last.outcome, answers=None))
    write_run(Path("a.json"), document_of(replace(old, measurements=(*others, without))))
    write_run(Path("b.json"), document_of(old))
    assert main(["compare", "a.json", "b.json"]) == 0
    page = " ".join(capsys.readouterr().out.split())
    assert (
        "not known, a and b (its record has no digest of the outputs: an earlier lab4 wrote it; measure again)" in page
    )


@pytest.fixture
def fleet():
    """Two runs of each of three machines, two of them of one kind, in one folder."""
    for number, (node, cpu) in enumerate((("rack-1", "A"), ("lab", "B"), ("rack-2", "A"))):
        for again in range(2):
            machine = replace(RUN.machine, node=node, cpu=cpu)
            started = f"2026-02-0{1 + again}T0{number}:00:00+00:00"
            made = replace(on_devices("cpu"), machine=machine, started_at=started)
            write_run(Path("fleet", f"{node}-{again}.json"), document_of(made))
    return Path("fleet")


def test_a_single_folder_has_a_column_for_each_of_its_machines(capsys, fleet):
    assert main(["compare", str(fleet), "--by", "machine", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    # Machines of one kind are next to each other.
    assert [column["label"] for column in found["columns"]] == ["rack-1", "rack-2", "lab"]
    assert [each["machines"] for each in found["kinds"]["kinds"]] == [["rack-1", "rack-2"], ["lab"]]
    assert main(["compare", f"all={fleet}", "--by", "machine"]) == 2  # a name says that it is one side


def test_a_history_has_a_column_for_each_machine_of_its_last_runs(capsys, fleet):
    store = opened("history", note)
    for path in sorted(fleet.iterdir()):
        add_document(store, path.read_bytes(), path.name)
    store.close()
    assert main(["compare", "--history", "history", "--by", "machine", "--json"]) == 0
    assert sorted(json.loads(capsys.readouterr().out)["sides"]) == ["lab", "rack-1", "rack-2"]
    assert main(["compare", "--history", "history", "--last", "2", "--by", "machine", "--json"]) == 0
    assert sorted(json.loads(capsys.readouterr().out)["sides"]) == ["lab", "rack-2"]


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ((), "name the runs to compare, such as laptop/run.json server/run.json, or a --history"),
        (("a.json", "--history", "h"), "--history and --last take the place of files; leave out one of them"),
        (("--history", "h", "--last", "0"), "--last 0: name a positive number"),
        (("--history", "h"), "there is no run in "),
    ],
)
def test_what_a_history_cannot_be_asked_is_one_sentence(capsys, written, says):
    assert main(["compare", *written]) == 2
    assert f"lab4: error: {says}" in capsys.readouterr().err


@pytest.mark.parametrize("how", [(), ("--markdown",)])
def test_kinds_of_machines_are_compared_where_machines_alone_are_the_columns(capsys, fleet, how):
    assert main(["compare", str(fleet), "--by", "machine", *how]) == 0
    page = " ".join(capsys.readouterr().out.split())
    assert "kind 1: A, 8 cores, 16 GiB, H: rack-1, rack-2 (4 runs)" in page
    assert "latency by kind of machine: median latency" in page
    assert "kind 2 is 1.00 times (1.00 to 1.00) as good as kind 1 in median latency" in page
    assert main(["compare", str(fleet), *how]) == 0
    assert "kind 1" not in capsys.readouterr().out


def test_one_way_to_print_is_enough(capsys):
    assert main(["compare", "a.json", "b.json", "--json", "--markdown"]) == 2
    assert "--json and --markdown are two ways to print the same" in capsys.readouterr().err
