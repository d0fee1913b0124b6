"""The host of engines: what it times and weighs, what it refuses, and what is left after a process was killed."""

import os
import socket
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from threading import Thread
from time import perf_counter, sleep
from types import SimpleNamespace

import numpy as np
import psutil
import pytest
from lab4_javascript import CHANNELS, LIMIT_S, NODE, PAGE, relu_tflite, spec, spin, write_operator, write_tfjs
from lab4_signalled import all_have_ended

from lab4.domain.errors import ConversionError, CrashError, UnavailableError, WorkerError
from lab4.domain.timing import TimingBudget
from lab4.frameworks import litert_schema
from lab4.inputs import StoredExamples
from lab4.javascript import page
from lab4.javascript.host import JavaScriptHost
from lab4.runtimes import RUNTIMES
from lab4.runtimes.host import StaleHandleError

KINDS = [pytest.param(f"spin_{each.values[0]}", marks=each.marks) for each in CHANNELS]


@pytest.fixture(scope="module", autouse=True)
def spins():
    """Runtimes whose calls take a known time."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("spin_node", "spin_page"):
            patch.setitem(RUNTIMES.own, name, f"lab4_javascript:{name.upper()}")
        yield


@pytest.fixture(scope="module")
def host(tmp_path_factory):
    host = JavaScriptHost(SimpleNamespace(folder=tmp_path_factory.mktemp("host"), limit_s=LIMIT_S))
    yield host
    host.shutdown()


@pytest.fixture
def another_host(tmp_path):
    """A host that has started nothing."""
    (tmp_path / "host").mkdir()
    host = JavaScriptHost(SimpleNamespace(folder=tmp_path / "host", limit_s=LIMIT_S))
    yield host
    host.shutdown()


def rows(folder, width, count=4, name="x"):
    """A folder of examples with so many values each, some below 0."""
    values = np.linspace(-1, 1, count * width, dtype=np.float32).reshape(count, width)
    StoredExamples({name: values}, is_batched=True).write(folder)
    return folder


@pytest.mark.parametrize("runtime", KINDS)
def test_a_window_holds_the_time_that_passed(host, tmp_path, runtime):
    path, examples = spin(tmp_path, 0.1)
    shares = []
    for _ in range(10):  # a busy machine may hold up this process, again and again
        opened = host.open(spec(runtime, path, examples), 0, 1)
        assert "performance.now of " in opened.clock
        assert ("steps of" in opened.clock) is ("page" in runtime)
        before = perf_counter()
        window = host.time_window(opened.handle, TimingBudget(0.4, 4))
        passed_s = perf_counter() - before
        timed_s = sum(window.samples_s) * opened.iterations
        timed_s += sum(window.compute_only_s) * opened.compute_only_iterations
        shares.append(timed_s / passed_s)
        host.close(opened.handle)
        if shares[-1] > 0.5:
            break
    assert 0.5 < max(shares) <= 1, shares


@NODE
def test_an_engine_ends_when_it_has_timed_for_twice_as_long_as_it_took_to_open(another_host, tmp_path):
    path, examples = spin(tmp_path, 0.1)
    what = spec("spin_node", path, examples)
    opened = another_host.open(what, 0, 1)
    (engine,) = another_host._engines.values()
    timed_s = [0.0]

    def time_windows():
        while timed_s[-1] < 1000:
            window = another_host.time_window(opened.handle, TimingBudget(0.4, 2))
            calls_s = sum(window.samples_s) * opened.iterations
            compute_only_s = sum(window.compute_only_s) * opened.compute_only_iterations
            timed_s.append(timed_s[-1] + calls_s + compute_only_s)

    with pytest.raises(StaleHandleError):
        time_windows()
    assert timed_s[-2] < 2 * engine.opening_s <= timed_s[-1]
    again = another_host.open(what, 0, 1)
    (fresh,) = another_host._engines.values()
    assert fresh.channel.process_id != engine.channel.process_id
    assert again.handle.generation == opened.handle.generation + 1
    assert another_host.time_window(again.handle, TimingBudget(0.1, 1)).samples_s


@pytest.mark.parametrize("runtime", KINDS)
def test_calls_that_are_shorter_than_a_step_of_the_clock_are_timed_together(host, tmp_path, runtime):
    path, examples = spin(tmp_path, 0)
    opened = host.open(spec(runtime, path, examples), 0.02, 1)
    window = host.time_window(opened.handle, TimingBudget(0.1, 20))
    step_s = host.describe(runtime).clock_resolution_s
    for samples, together in (
        (window.samples_s, opened.iterations),
        (window.compute_only_s, opened.compute_only_iterations),
    ):
        assert len(samples) >= 10
        assert 20 * step_s < sorted(samples)[len(samples) // 2] * together < 0.05
    host.close(opened.handle)


@pytest.mark.parametrize("runtime", KINDS)
def test_calls_without_copies_are_left_out_where_they_are_not_asked_for(host, tmp_path, runtime):
    path, examples = spin(tmp_path, 0)
    opened = host.open(replace(spec(runtime, path, examples), compute_only=False), 0.02, 1)
    window = host.time_window(opened.handle, TimingBudget(0.02, 4))
    assert window.samples_s
    assert not window.compute_only_s
    assert not opened.compute_only_clock
    host.close(opened.handle)


@pytest.mark.parametrize("runtime", KINDS)
def test_what_allocates_nothing_has_no_memory_however_many_examples_there_are(host, tmp_path, runtime):
    path, _ = spin(tmp_path, 0)
    examples = rows(tmp_path / "many", 28 * 28, 2000, "input")
    # No more than before is no figure.
    with suppress(UnavailableError):
        assert host.peak_memory(spec(runtime, path, examples, batch_size=32)).bytes < 10e6


@pytest.mark.parametrize(
    "runtime", [pytest.param("onnx_node", marks=NODE), pytest.param("litert_chromium", marks=PAGE)]
)
def test_the_start_of_a_runtime_is_no_part_of_its_first_model(host, tmp_path, runtime):
    path = relu_tflite(tmp_path / "m") if runtime == "litert_chromium" else write_operator(tmp_path / "m", "Relu")
    examples = rows(tmp_path / "rows", 1 if runtime == "litert_chromium" else 8)
    # Such a small one may also find room in what its process has already.
    with suppress(UnavailableError):
        assert host.peak_memory(spec(runtime, path, examples)).bytes < 6e6


def lacking(runtime, folder):
    """A model with an operator that the runtime lacks."""
    if runtime == "tfjs_node":
        return write_tfjs(folder / "net", "MyOp")
    if runtime == "litert_chromium":
        return relu_tflite(folder / "net.tflite", "MyOp")
    return write_operator(folder / "net.onnx", "MyOp")


@pytest.mark.parametrize(
    "runtime",
    [
        pytest.param("tfjs_node", marks=NODE),
        pytest.param("onnx_node", marks=NODE),
        pytest.param("litert_chromium", marks=PAGE),
    ],
)
def test_an_operator_that_a_runtime_lacks_is_the_same_refusal_everywhere(host, tmp_path, runtime):
    what = spec(runtime, lacking(runtime, tmp_path), rows(tmp_path / "rows", 8))
    for ask in (
        lambda: host.open(what, 0, 1),
        lambda: host.predict(what),
        lambda: host.time_loads(what, 1),
        lambda: host.peak_memory(what),
    ):
        with pytest.raises(UnavailableError, match=r"does not .* the model: (?s:.*)time the model in another runtime"):
            ask()


@NODE
def test_a_damaged_artifact_is_at_fault_in_the_runtime_of_its_format_alone(host, tmp_path):
    folder = write_tfjs(tmp_path / "net", "Relu")
    (folder / "model.json").write_text("{")
    examples = rows(tmp_path / "rows", 8)
    with pytest.raises(ConversionError, match=r"TensorFlow\.js does not load the model"):
        host.predict(spec("tfjs_node", folder, examples))
    with pytest.raises(UnavailableError, match=r"TensorFlow\.js does not load the model"):
        host.predict(spec("tfjs_node_cpu", folder, examples))


@NODE
def test_outputs_of_several_shapes_are_refused(host, tmp_path):
    path = write_operator(tmp_path / "net.onnx", "NonZero", "INT64")
    values = np.zeros((2, 8), np.float32)
    values[1, :3] = 1
    StoredExamples({"x": values}, is_batched=True).write(tmp_path / "rows")
    with pytest.raises(UnavailableError, match=r"outputs of several shapes, \[2,0\] and \[2,3\]"):
        host.predict(spec("onnx_node", path, tmp_path / "rows"))


def test_a_file_is_written_for_every_size_of_call(host, tmp_path):
    path, unstarted = relu_tflite(tmp_path / "net.tflite"), SimpleNamespace(channel=SimpleNamespace(address=Path))
    sizes = {}
    for width in (4, 6, 4):
        what = spec("litert_chromium", path, rows(tmp_path / str(width), width), batch_size=2)
        file = host._artifact(unstarted, what)
        graph = litert_schema().Model.GetRootAs(file.read_bytes(), 0).Subgraphs(0)
        sizes[file] = [*graph.Tensors(graph.Inputs(0)).ShapeAsNumpy()]
    assert [*sizes.values()] == [[2, 4], [2, 6]]


@pytest.mark.parametrize("runtime", [pytest.param("onnx_node", marks=NODE), pytest.param("onnx_chromium", marks=PAGE)])
def test_two_threads_are_used_and_pinned(host, tmp_path, runtime):
    what = spec(runtime, write_operator(tmp_path / "net.onnx", "Relu"), rows(tmp_path / "rows", 8), threads=2)
    opened = host.open(what, 0, 1)
    assert opened.threads == 2
    allowed = os.sched_getaffinity(0)
    try:
        os.sched_setaffinity(0, {min(allowed)})
        again = host.open(what, 0, 1)
        engine = host._holding(again.handle)
        assert again.cores == (min(allowed),)
        for thread in psutil.Process(engine.channel.process_id).threads():
            assert os.sched_getaffinity(thread.id) == {min(allowed)}
    finally:
        os.sched_setaffinity(0, allowed)


@PAGE
def test_float16_comes_back_by_its_bits(host, tmp_path):
    path = write_operator(tmp_path / "net.onnx", "Relu", "FLOAT16", "FLOAT16")
    values = np.linspace(-3, 5, 16, dtype=np.float16).reshape(2, 8)
    StoredExamples({"x": values}, is_batched=True).write(tmp_path / "rows")
    found = host.predict(spec("onnx_chromium", path, tmp_path / "rows"))["y"]
    assert found.dtype == np.float16
    assert np.array_equal(found, np.maximum(values, 0))


@PAGE
def test_inputs_are_converted_and_files_found_whatever_they_are_called(host, tmp_path):
    folder = write_tfjs(tmp_path / "a net", "Relu", shard="a #1?%20.bin")
    values = np.linspace(-1, 1, 16).reshape(2, 8)
    StoredExamples({"x": values}, is_batched=True).write(tmp_path / "rows")
    found = host.predict(spec("tfjs_chromium", folder, tmp_path / "rows"))
    (output,) = found.values()
    assert np.array_equal(output, np.maximum(values, 0).astype(np.float32))


@PAGE
def test_threads_that_a_page_lacks_are_said(another_host, tmp_path, monkeypatch):
    send = page._Handler.send_header
    monkeypatch.setattr(
        page._Handler,
        "send_header",
        lambda self, name, value: None if name.startswith("Cross-Origin-Opener") else send(self, name, value),
    )
    what = spec("onnx_chromium", write_operator(tmp_path / "net.onnx", "Relu"), rows(tmp_path / "rows", 8), threads=2)
    with pytest.raises(UnavailableError, match=r"uses 1 of 2 threads here; time it with --lab4-threads 1"):
        another_host.open(what, 0, 1)
    assert all_have_ended(str(another_host._context.folder))


def test_a_gpu_that_a_browser_does_not_choose_is_refused(another_host, tmp_path):
    path, examples = spin(tmp_path, 0)
    with pytest.raises(UnavailableError, match="the browser chooses the GPU that it uses; name the device gpu"):
        another_host.open(spec("spin_page", path, examples, device="gpu3", threads=None), 0, 1)


@PAGE
def test_a_browser_that_hangs_is_waited_for_once(another_host, tmp_path, monkeypatch):
    path, examples = spin(tmp_path, 0)
    start, starts = page.PageChannel._started, []
    hanging = tmp_path / "bin" / "chromium"
    hanging.parent.mkdir()
    hanging.write_text("#!/bin/sh\nexec sleep 600\n")
    hanging.chmod(0o755)
    monkeypatch.setenv("PATH", str(hanging.parent), prepend=os.pathsep)
    monkeypatch.setattr(page, "_START_S", 0.5)
    monkeypatch.setattr(page.PageChannel, "_started", lambda *given: (starts.append(1), start(*given))[1])
    said = set()
    for ask in (
        lambda: another_host.open(spec("spin_page", path, examples), 0, 1),
        lambda: another_host.peak_memory(spec("spin_page", path, examples)),
        lambda: another_host.describe("onnx_chromium"),
    ):
        with pytest.raises(UnavailableError, match="does not open the page") as raised:
            ask()
        said.add(str(raised.value))
    assert len(said) == 1
    assert "--dump-dom about:blank" in said.pop()
    assert len(starts) == 1


def test_what_a_runtime_lacks_is_looked_for_once(another_host, tmp_path, monkeypatch):
    asked, old = tmp_path / "asked", tmp_path / "node"
    old.write_text(f"#!/bin/sh\necho asked >> {asked}\necho v1.0.0\n")
    old.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    for _ in range(3):
        with pytest.raises(UnavailableError, match=r"Node 1\.0\.0 is too old"):
            another_host.require("spin_node", 1)
    assert asked.read_text() == "asked\n"


def test_a_page_needs_no_node(another_host, tmp_path, monkeypatch):
    browser = tmp_path / "chromium"
    browser.write_text("#!/bin/sh\n")
    browser.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UnavailableError, match="Node is not installed"):
        another_host.require("spin_node", 1)
    if page.installed():
        another_host.require("spin_page", 1)


@pytest.mark.parametrize(
    ("runtime", "victim"),
    [
        pytest.param("spin_node", "engine", marks=NODE),
        pytest.param("spin_page", "engine", marks=PAGE),
        pytest.param("spin_page", "browser", marks=PAGE),
    ],
)
def test_a_process_that_is_killed_in_a_call_costs_the_cell_and_leaves_nothing(host, tmp_path, runtime, victim):
    path, examples = spin(tmp_path, 0.01)
    opened = host.open(spec(runtime, path, examples), 0, 1)
    channel = next(engine.channel for key, engine in host._engines.items() if key.runtime == runtime)
    killed = psutil.Process(channel.process_id if victim == "engine" else channel._process.pid)
    if victim == "browser":
        killed = killed.children()[0]

    def kill():
        sleep(0.3)
        killed.kill()

    killer = Thread(target=kill)
    killer.start()
    with pytest.raises(CrashError) as raised:
        host.time_window(opened.handle, TimingBudget(30, 10**6, 10**6))
    killer.join()
    assert "ended" in str(raised.value)
    assert "\n" not in str(raised.value)
    if victim == "engine" and runtime == "spin_node":
        assert not psutil.pid_exists(killed.pid)
    else:
        with socket.socket() as client:
            assert client.connect_ex(("127.0.0.1", channel._server.server_port)) != 0
        assert not channel._profile.exists()
        assert all_have_ended(str(channel._profile))
    again = host.open(spec(runtime, path, examples), 0, 1)
    assert min(host.time_window(again.handle, TimingBudget(0.02, 2)).samples_s) >= 0.0099
    host.close(again.handle)


@pytest.mark.parametrize(
    "runtime", [pytest.param("tfjs_node", marks=NODE), pytest.param("litert_chromium", marks=PAGE)]
)
def test_closing_frees_the_inputs_of_compute_only_calls(host, tmp_path, runtime):
    is_tfjs, values = runtime == "tfjs_node", 1 << 19
    path = write_tfjs(tmp_path / "net", "Relu") if is_tfjs else relu_tflite(tmp_path / "net.tflite")
    width = 8 if is_tfjs else 1
    what = spec(runtime, path, rows(tmp_path / "rows", width), batch_size=values // width)

    def held_after(count):
        for _ in range(count):
            host.time_loads(what, 1)  # calls it for the first time, and closes it
        channel = next(engine.channel for key, engine in host._engines.items() if key.runtime == runtime)
        channel.ask("read", folder=channel.address(what.examples), batch_size=1)  # collects garbage
        return psutil.Process(channel.process_id).memory_info().rss

    before = held_after(5)
    assert held_after(24) - before < 12 * 4 * values


@NODE
def test_a_model_that_is_refused_after_it_was_loaded_is_closed(host, tmp_path):
    path, examples = spin(tmp_path, 0)
    texts = tmp_path / "texts"
    StoredExamples({"input": np.array(["a", "b"])}, is_batched=True).write(texts)
    with pytest.raises(UnavailableError, match="texts"):
        host.predict(spec("spin_node", path, texts))
    opened = host.open(spec("spin_node", path, examples), 0, 1)
    channel = host._holding(opened.handle).channel
    call = {"names": {"input": "input"}, "folder": channel.address(examples), "batch_size": 1}
    with pytest.raises(WorkerError, match="undefined"):
        channel.ask("first", number=opened.handle.number - 1, **call)
