"""One net in every JavaScript runtime; a browser that is killed, and one that is not there, cost their own cells."""

import os
import subprocess
import sys
from functools import partial

import numpy as np
import onnx
import psutil
import pytest
from lab4_javascript import NODE, PAGE
from lab4_signalled import all_have_ended
from lab4_small_models import write_onnx
from lab4_zoo import zoo_file

from lab4.bench.bench import Bench
from lab4.bench.cells import Axes, cells
from lab4.bench.given import source_of
from lab4.bench.profiles import QUICK, Order
from lab4.domain.cell import EXAMINE, LATENCY, Cell
from lab4.domain.errors import UnavailableError
from lab4.domain.outcome import Measured, Unavailable
from lab4.domain.timing import TimingBudget
from lab4.history.run_file import read_run
from lab4.runtimes import RUNTIMES

FORMATS = ("tfjs", "onnx", "tflite_float32")
AXES = Axes(("fcnn",), (), ("cpu",), (1, 32), FORMATS, formats_are_named=True)
TFJS = Cell(EXAMINE, "fcnn", (), "cpu", None, "tfjs")
WEB = ("tfjs", "onnx_", "litert_")
IN_SOFTWARE = "tfjs_webgl"
NOT_TIMED = "the runtime that it is deployed in was not timed"
INT8 = "pymicro_wakeword/models/alexa.tflite"
WIDTH = 2048
IN_BOTH = pytest.mark.parametrize(
    "runtime", [pytest.param("onnx_node", marks=NODE), pytest.param("onnx_chromium", marks=PAGE)]
)
TIMED = {cell.runtime or cell.format for cell in cells(LATENCY, AXES)}


def of(run, kind):
    """The outcomes of the cells of a kind."""
    return {each.cell: each.outcome for each in run.measurements if each.cell.kind == kind}


@pytest.fixture(scope="module")
def run_of(pytestconfig, tmp_path_factory):
    """A function that measures one net in the formats, and returns the run, its folder, and what was printed."""
    cache = tmp_path_factory.mktemp("cache")

    def run(**environment):
        folder = tmp_path_factory.mktemp("run")
        command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "benchmarks", "--lab4-models", "fcnn"]
        options = {"formats": ",".join(FORMATS), "devices": "cpu", "profile": "quick", "resources": "counters"}
        options |= {"cache": cache, "output": folder / "results", "batch-sizes": 1, "report": "md"}
        options["techniques"] = "finetuned"  # only originals are looked at, and this one is made quickest
        flags = [text for key, value in options.items() for text in (f"--lab4-{key}", str(value))]
        flags += ["-m", "deployment or inference"]
        answer = subprocess.run(
            [*command, *flags],
            cwd=pytestconfig.rootpath,
            env={**os.environ, "TMPDIR": str(folder), **environment},
            capture_output=True,
            text=True,
            check=False,
        )
        assert answer.returncode == 0, answer.stdout + answer.stderr
        return read_run(folder / "results" / "run.json"), folder, answer.stdout

    return run


@NODE
@PAGE
def test_one_net_runs_in_every_runtime(run_of):
    run, folder, _ = run_of()
    timed = {cell.runtime or cell.format: outcome for cell, outcome in of(run, LATENCY).items()}
    assert set(timed) == TIMED
    assert {name: outcome for name, outcome in timed.items() if not isinstance(outcome, Measured)} == {}
    for name, outcome in timed.items():
        assert outcome.agreement.agreeing == outcome.agreement.total, name
        # Of the order of a native runtime's, on a busy machine too: not milliseconds instead of seconds.
        times = min(outcome.latency.calls.samples_s) / min(timed["onnx"].latency.calls.samples_s)
        assert 0.03 < times < (10_000 if name == IN_SOFTWARE else 600), name
        assert outcome.latency.uncontended, name  # probed between bursts
        assert "performance.now of" in outcome.latency.calls.clock or not name.startswith(WEB), name
    examined = of(run, EXAMINE)
    originals = [outcome for cell, outcome in examined.items() if not cell.techniques]
    assert {cell.runtime or cell.format for cell in examined if not cell.techniques} == TIMED
    assert len({outcome.metrics["accuracy"].value for outcome in originals}) == 1
    assert {outcome.agreement.total for outcome in originals} == {run.dataset.validation_images}
    assert all(outcome.answers for outcome in originals)
    assert {cell.runtime or "tfjs_node" for cell in examined if cell.format == "tfjs"} == {
        outcome.loading.runtime for cell, outcome in examined.items() if cell.format == "tfjs"
    }
    assert "@tensorflow/tfjs-core" in str(run.machine)
    worksheet = (folder / "results" / "worksheet.md").read_text(encoding="utf-8")
    assert NOT_TIMED not in worksheet
    assert all_have_ended(str(folder))  # those of other tests, which run meanwhile, have other profiles
    assert [path for path in folder.iterdir() if path.name.startswith("lab4-")] == []


@NODE
def test_without_node_its_cells_say_so_and_the_files_are_examined_all_the_same(run_of, tmp_path):
    no_node = str(tmp_path)
    run, folder, _ = run_of(PATH=no_node)
    web = {cell.runtime or cell.format: outcome for cell, outcome in of(run, LATENCY).items()}
    native = {"onnx", "tflite_float32"}
    assert set(web) == TIMED
    assert {name for name, outcome in web.items() if not isinstance(outcome, Unavailable)} == native
    for name in TIMED - native:
        lacks = "Node" if name == TFJS.format or name.endswith(("_node", "_node_cpu")) else "Chromium"
        assert web[name].reason.startswith(f"{lacks} is not installed; install"), name
    assert of(run, EXAMINE)[TFJS].loading.runtime == "tfjs_loader"
    worksheet = (folder / "results" / "worksheet.md").read_text(encoding="utf-8")
    assert NOT_TIMED in worksheet


@pytest.fixture(scope="module")
def hosted(tmp_path_factory):
    """A function that gives a file in a runtime, as a run has it; nothing of it is trained."""
    folder = tmp_path_factory.mktemp("own")
    files = {"onnx": write_onnx(folder / "net.onnx"), "wide": _wide(folder / "wide.onnx"), "int8": zoo_file(INT8)}
    sources = {name: source_of(name, str(path), {}, {}) for name, path in files.items()}
    order = Order(
        "mnist_10k",
        QUICK,
        seed=1,
        cache=folder / "cache",
        rebuild=False,
        cell_limit_s=300,
        resources=(),
        sources=sources,
    )
    bench = Bench(order, lambda _: None)

    def open_in(name, runtime):
        cell = Cell(LATENCY, name, (), "cpu", 1, sources[name].original_format, runtime=runtime)
        return bench.hosted(cell, bench.artifact(cell, bench.model(cell)))

    yield open_in
    bench.close()


def _wide(path):
    """A matrix product whose weights take 16 MB."""
    weights = onnx.numpy_helper.from_array(np.ones((WIDTH, WIDTH), np.float32) / WIDTH, "w")
    value = partial(onnx.helper.make_tensor_value_info, elem_type=onnx.TensorProto.FLOAT, shape=["batch", WIDTH])
    node = onnx.helper.make_node("MatMul", ["x", "w"], ["y"])
    graph = onnx.helper.make_graph([node], "wide", [value("x")], [value("y")], [weights])
    onnx.save(onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 17)], ir_version=9), path)
    return path


@IN_BOTH
def test_the_memory_of_a_model_has_its_weights(hosted, runtime):
    wide = hosted("wide", runtime)
    assert 4 * WIDTH**2 <= wide.host.peak_memory(wide.spec).bytes < 20 * 4 * WIDTH**2


@IN_BOTH
def test_an_engine_that_is_killed_costs_its_cell_and_opens_again(hosted, runtime):
    net = hosted("onnx", runtime)
    net.open(0.01)
    engine = next(each for key, each in net.host._engines.items() if key.runtime == runtime)
    killed = psutil.Process(engine.channel.process_id)
    killed.kill()
    psutil.wait_procs([killed], timeout=30)
    window = net.time_window(TimingBudget(0.01, 2))
    assert window.fresh
    assert min(window.samples_s) > 0
    net.close()


@PAGE
def test_a_type_of_inputs_that_a_runtime_lacks_is_a_sentence(hosted):
    with pytest.raises(
        UnavailableError, match=r"inputs and outputs must be float32.*; time the model in another runtime"
    ):
        hosted("int8", "litert_chromium").open(0.01)


def test_the_runtimes_that_are_extra_run_where_formats_are_named():
    extra = {name for name in RUNTIMES.own if RUNTIMES[name].is_extra and "cpu" in RUNTIMES[name].traits.devices}
    assert extra <= TIMED
    named = {cell.runtime for cell in cells(LATENCY, Axes(("fcnn",), (), ("cpu",), (1,), FORMATS))}
    assert not named & extra
