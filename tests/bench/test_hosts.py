"""Which host and which process a runtime gets is what its entry declares, whatever it is called."""

import os
from dataclasses import replace

import pytest

from lab4.bench.hosts import Hosts
from lab4.bench.python_host import Processes, PythonHost
from lab4.domain.cell import Cell
from lab4.domain.errors import UnavailableError
from lab4.runtimes import RUNTIMES, Runtime, python_runtime

LIMIT_S = 300
CELL = Cell.from_key("latency/fcnn-cpu-b1-t2-onnx")


@pytest.fixture
def processes():
    processes = Processes(LIMIT_S)
    yield processes
    processes.close()


@pytest.fixture
def register(monkeypatch):
    """Put an entry in place of ONNX Runtime's."""

    def put(entry):
        monkeypatch.setitem(globals(), "ENTRY", entry)
        monkeypatch.setitem(RUNTIMES.own, "onnxruntime", f"{__name__}:ENTRY")

    return put


@pytest.mark.parametrize(("owns", "names"), [(True, ["onnxruntime with 2 threads"]), (False, ["onnxruntime"])])
def test_a_pool_that_belongs_to_its_process_gets_one_for_each_number_of_threads(processes, register, owns, names):
    register(replace(python_runtime("onnxruntime"), pool_per_process=owns))
    Hosts(processes).require(CELL)
    assert [name for name, worker in processes._workers.items() if worker.generation is not None] == names


def test_runtimes_of_one_host_share_it_and_another_brings_its_own(processes, register):
    hosts, tflite = Hosts(processes), replace(CELL, format="tflite_int8")
    assert isinstance(hosts.of(CELL), PythonHost)
    assert hosts.of(tflite) is hosts.of(CELL)
    register(Runtime(python_runtime("onnxruntime").traits, lambda context: context))
    assert hosts.of(CELL) is processes
    assert isinstance(hosts.of(tflite), PythonHost)


def test_a_python_host_describes_a_runtime_without_starting_it(processes):
    (facts,) = Hosts(processes).facts([CELL])
    assert facts.version == next(iter(facts.versions.values()))
    assert set(facts.versions) <= {"onnxruntime", "onnxruntime-gpu"}
    assert facts.clock.startswith("perf_counter")
    assert 0 < facts.clock_resolution_s < 1e-3
    assert processes._workers == {}


def test_a_runtime_that_is_no_python_package_is_not_called_from_python(register):
    register(Runtime(python_runtime("onnxruntime").traits, lambda context: context))
    with pytest.raises(UnavailableError, match="'onnxruntime' is not a Python package"):
        python_runtime("onnxruntime")


def test_artifacts_are_inspected_where_a_python_runtime_reads_them_and_else_by_themselves(processes, register):
    assert processes.inspecting("onnx") is processes.of("onnxruntime")
    register(Runtime(python_runtime("onnxruntime").traits, lambda context: context))
    assert processes.inspecting("onnx_dynamic_int8") is processes.of("inspection")


def test_a_runtime_is_opened_again_in_a_process_that_came_back(processes):
    host = PythonHost(processes)
    worker = host.timing("onnxruntime", 1)
    first = worker.call(os.getpid)
    worker.close()
    assert host.timing("onnxruntime", 1).call(os.getpid) != first
