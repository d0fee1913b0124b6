"""A host that is no Python worker is measured by the bench as every other."""

import json
from dataclasses import replace

import numpy as np
import pytest
from json_lines_host import JsonLinesHost

from lab4.bench.bench import Bench
from lab4.bench.judging import reference_of
from lab4.bench.profiles import QUICK, Order
from lab4.bench.specs import Built
from lab4.domain.cell import Cell
from lab4.domain.errors import ConversionError, CrashError, DisagreementError
from lab4.domain.timing import TimingBudget
from lab4.formats import FORMATS
from lab4.inputs import StoredExamples, read_examples
from lab4.measure.outputs import finite_outputs
from lab4.runtimes import RUNTIMES

PROFILE = replace(QUICK, warmup_s=0.01, window_s=0.005, min_rounds=5, max_rounds=7, cell_s=0.1)
CELL = Cell.from_key("latency/fcnn-cpu-b1-matrix")


@pytest.fixture(scope="module")
def bench(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(RUNTIMES.own, "json_lines", "json_lines_host:RUNTIME")
        patch.setitem(FORMATS.own, "matrix", "json_lines_host:MATRIX")
        cache = tmp_path_factory.mktemp("cache")
        order = Order("mnist_10k", PROFILE, 1, cache, rebuild=False, cell_limit_s=300, resources=("memory", "energy"))
        bench = Bench(order, print)
        yield bench
        bench.close()
        assert list(cache.iterdir()) == []  # what it measured was never looked up there


@pytest.fixture(scope="module")
def built(bench, tmp_path_factory):
    folder = tmp_path_factory.mktemp("artifact")
    matrix = np.random.default_rng(1).normal(0, 0.1, (10, 784))
    (folder / "matrix.json").write_text(json.dumps({"matrix": matrix.tolist()}))
    images = read_examples(bench.dataset.examples).arrays["images"]
    examples = images.reshape(-1, 784).astype(float)
    powers = np.exp(examples @ matrix.T)
    np.savez(folder / "reference.npz", scores=(powers / powers.sum(axis=1, keepdims=True)).astype(np.float32))
    reference = folder / "reference.npz"
    return Built("matrix", folder / "matrix.json", reference, (), bench.dataset.examples, bench.dataset.labels)


def test_a_latency_cell_is_measured_by_the_hosts_own_clock(bench, built):
    measured = bench.latency(CELL, built)
    latency = measured.latency
    assert latency.calls.clock == "the whole call"
    assert len(latency.calls.round_sizes) >= PROFILE.min_rounds
    assert len(latency.calls.samples_s) == sum(latency.calls.round_sizes)
    assert 1e-6 < min(latency.calls.samples_s) < 1
    assert latency.ended in {"target", "budget"}
    assert measured.agreement.agreeing == measured.agreement.total == 3
    assert measured.missing["memory"] == "the JSON lines process does not report its memory"
    assert measured.missing["energy"] == "the JSON lines process reads no meter"


def test_it_predicts_the_set_that_every_runtime_does(bench, built):
    hosted = bench.hosted(CELL, built)
    few = bench.processes.folder / "few"
    images = read_examples(bench.dataset.examples).arrays["images"]
    StoredExamples({"images": images[:20]}, is_batched=True).write(few)
    outputs = finite_outputs(hosted.host.predict(replace(hosted.spec, examples=few)))
    assert np.allclose(outputs["scores"], reference_of(built)["scores"][:20], atol=1e-5)
    assert len(hosted.host.time_loads(hosted.spec, 3)) == 3


def test_its_version_goes_into_the_record(bench):
    assert bench.versions([CELL]) == {"json-lines-engine": "1.5"}
    (facts,) = bench.hosts.facts([CELL])
    assert 0 < facts.clock_resolution_s < 1e-3


def test_a_process_that_dies_is_started_again_with_what_it_had_opened(bench, built):
    hosted = bench.hosted(CELL, built)
    hosted.open(0.01)
    assert not hosted.time_window(TimingBudget(0.001)).fresh
    with pytest.raises(CrashError, match="JSON lines"):
        hosted.host._ask("leave")
    assert hosted.time_window(TimingBudget(0.001)).fresh


def test_an_artifact_that_computes_something_else_is_refused(bench, built, tmp_path):
    wrong = tmp_path / "matrix.json"
    matrix = json.loads(built.path.read_text())["matrix"]
    wrong.write_text(json.dumps({"matrix": matrix[::-1]}))
    with pytest.raises(DisagreementError, match="Matrix on the CPU disagrees"):
        bench.hosted(CELL, replace(built, path=wrong)).open(0.01)


def test_one_that_does_not_load_says_so_by_the_host(bench, built, tmp_path):
    with pytest.raises(ConversionError, match="No such file"):
        bench.hosted(CELL, replace(built, path=tmp_path / "none.json")).open(0.01)


def test_one_process_serves_all_cells_and_ends_with_the_run(bench, built):
    host = bench.hosted(CELL, built).host
    assert isinstance(host, JsonLinesHost)
    assert host is bench.hosts.of(replace(CELL, batch_size=32))
    host.require("json_lines", None)
    process = host._process
    bench.hosts.close()
    bench.hosts.close()
    assert process.returncode is not None
