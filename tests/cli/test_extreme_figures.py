"""Figures at the edge of what a run file may say: each gives a worksheet and verdicts, or one sentence."""

import copy
import itertools
import json
from pathlib import Path

import pytest
from lab4_small_models import UNPRINTED
from lab4_strategies import document_of
from worksheet_factory import realistic

from lab4.cli import main
from lab4.history.packing import pack_bits, pack_times

#: One of a GPU, with peaks, energy and training; and one that was made up, with every part of the worksheet.
REAL = json.loads((Path(__file__).parents[2] / "docs" / "runs" / "nvidia-h100.json").read_bytes())
MADE = document_of(realistic(70))


def outcomes(document, part):
    for row in document["benchmarks"]:
        outcome = row["extra_info"]["lab4"]["outcome"]
        if part in outcome:
            yield outcome


def training_of_no_images_on_one_device(document):
    next(outcomes(document, "training"))["training"]["samples_per_epoch"] = 0


def peaks_of(*samples_s, **more):
    def change(document):
        for peak in document["lab4"]["peaks"]:
            peak.update({"samples_s": [*samples_s] or peak["samples_s"]} | more)

    return change


def fields_of(part, **values):
    def change(document):
        for outcome in outcomes(document, part):
            outcome[part] |= values

    return change


def latency_of(seconds, iterations=1, count=3, only=None):
    def change(document):
        for row in document["benchmarks"]:
            record = row["extra_info"]["lab4"]
            if "latency" in record["outcome"] and only in {None, record["cell"]["format"]}:
                packed = {
                    "encoding": "base64(zlib(uint64le ns))",
                    "count": count,
                    "data": pack_times([seconds] * count),
                }
                series = {"samples": packed, "round_sizes": [count], "iterations": iterations, "clock": "a call"}
                latency = record["outcome"]["latency"]
                latency |= {"calls": series, "uncontended": None, "probe_s": [3e-5]}

    return change


def images_of(*correct):
    bits = {"encoding": "base64(bits msb first)", "count": len(correct), "data": pack_bits(correct)}
    return fields_of("accuracy", correct=bits)


MOST = 2**63 - 1
REFUSED = {
    "a peak of 5e-324 s": peaks_of(5e-324),
    "a peak of 1e308 s": peaks_of(1e308),
    "epochs of 5e-324 s": fields_of("training", epoch_s=[5e-324, 5e-324]),
    "epochs of 1e308 s": fields_of("training", epoch_s=[1e308, 1e308]),
    "2**63 - 1 iterations": latency_of(1.0, iterations=MOST),
    "10**400 calls with their energy": fields_of("energy", calls=10**400),
    "1e308 joules": fields_of("energy", joules={"gpu-0": 1e308}),
}
TAKEN = {
    "peaks of 1e-12 s": peaks_of(1e-12, work=MOST),
    "peaks of 1e9 s": peaks_of(1e9, work=1),
    "peaks of no time": peaks_of(0.0),
    "peaks of no work": peaks_of(work=0),
    "epochs of 1e-12 s": fields_of("training", epoch_s=[1e-12, 1e-12], samples_per_epoch=MOST),
    "epochs of no time": fields_of("training", epoch_s=[0.0, 0.0]),
    "epochs of no images on one device": training_of_no_images_on_one_device,
    "epochs of no images": fields_of("training", samples_per_epoch=0),
    "calls of 0 ns in one format": latency_of(0.0, only="tflite_float32"),
    "calls of 0 ns": latency_of(0.0),
    "calls of 1 ns in 10**9 iterations": latency_of(1e-9, iterations=10**9),
    "calls of 300 years": latency_of(9e9),
    "no bytes": fields_of("size", disk_bytes=0, gzip_bytes=0),
    "no bytes with gzip": fields_of("size", gzip_bytes=0),
    "as many bytes as can be counted": fields_of("size", disk_bytes=MOST, gzip_bytes=MOST),
    "no images": images_of(),
    "one image, wrong": images_of(False),
    "no memory": fields_of("memory", bytes=0, baseline_bytes=0),
    "no operations": fields_of("work", operations=0),
    "no bytes moved": fields_of("work", bytes=0),
    "as much work as can be counted": fields_of("work", operations=MOST, bytes=MOST),
    "no energy": fields_of("energy", joules={"gpu-0": 0.0}, calls=MOST),
    "no joule of a meter": fields_of("energy", joules={}),
    "a load in no time": fields_of("loading", samples_s=[0.0]),
    "an aim of 5e-324": fields_of("latency", target=5e-324),
    "no aim": fields_of("latency", target=0.0),
    "a reference kernel of 1e-12 s": fields_of("latency", probe_s=[1e-12]),
    "no weights": fields_of("sparsity", zeros=0, total=0),
    "no agreement": fields_of("agreement", agreeing=0, total=0),
}


def commands(run, folder):
    # A PDF has what the page has, and takes longer than all of these.
    yield ["worksheet", run, "-o", folder, "--report", UNPRINTED]
    yield ["report", run, "-o", folder]
    yield [
        "gate",
        run,
        "--baseline",
        folder / "real.json",
        "--all",
        "--json",
        folder / "gate.json",
    ]
    yield ["gate", folder / "real.json", "--baseline", run, "--all", "--cross-machine"]
    yield ["compare", run, f"real={folder / 'real.json'}"]
    yield ["compare", run, f"real={folder / 'real.json'}", "--figure", "throughput", "--json"]


def changed(document, change):
    document = copy.deepcopy(document)
    change(document)
    return document


def answers(tmp_path, change, capsys):
    """Exit code and what was said of each command, on a run that was changed: the real one if it has the figure."""
    base = next(each for each in (REAL, MADE) if changed(each, change) != each)
    document = changed(base, change)
    (tmp_path / "real.json").write_text(
        json.dumps(base | {"lab4": base["lab4"] | {"started_at": "2026-01-01T00:00:00Z"}})
    )
    (tmp_path / "run.json").write_text(json.dumps(document))
    for command in commands(tmp_path / "run.json", tmp_path):
        code = main([str(each) for each in command])
        said = capsys.readouterr()
        assert "this is a bug in lab4" not in said.err
        assert "internal error" not in said.err
        yield code, said.err


@pytest.mark.untraced
@pytest.mark.parametrize("change", TAKEN.values(), ids=TAKEN)
def test_what_the_schema_admits_the_arithmetic_can_bear(tmp_path, capsys, change):
    codes = [code for code, _ in answers(tmp_path, change, capsys)]
    assert codes[0] == 0
    assert set(codes[1:]) <= {0, 1, 2, 3}


@pytest.mark.parametrize("change", REFUSED.values(), ids=REFUSED)
def test_what_no_clock_or_meter_tells_is_refused_in_one_sentence(tmp_path, capsys, change):
    for code, said in itertools.islice(answers(tmp_path, change, capsys), 1):
        assert code == 2
        assert said.count("\n") == 1
        assert f"cannot read {tmp_path / 'run.json'}" in said
