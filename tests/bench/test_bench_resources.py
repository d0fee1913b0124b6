"""What a cell takes beside time is asked of those who know it, unless it was left out."""

from functools import partial

import pytest
from lab4_hosts import HereHost, hosted

from lab4.bench.bench import Bench
from lab4.bench.profiles import QUICK, Order
from lab4.bench.resources import Resources
from lab4.domain.cell import Cell
from lab4.domain.errors import CrashError
from lab4.domain.observed import Energy, PeakMemory
from lab4.domain.outcome import Measured

LEFT_OUT = "left out (--lab4-resources)"


@pytest.fixture
def cell(tmp_path):
    return partial(hosted, folder=tmp_path)


def test_what_was_left_out_is_not_asked_for_and_says_so(cell):
    host = HereHost(memory=PeakMemory(1, 2, "read"))
    measured = Resources(("memory",), None).added(Measured(), cell(host))
    assert measured.memory == PeakMemory(1, 2, "read")
    assert measured.missing == dict.fromkeys(("work", "energy", "counters"), LEFT_OUT)
    assert host.asked == ["memory"]


def test_what_a_machine_lacks_is_asked_for_once(cell):
    host = HereHost()
    resources = Resources(("energy", "counters"), None)
    for _ in range(2):
        measured = resources.added(Measured(), cell(host))
        assert measured.missing["energy"] == measured.missing["counters"] == "no meter"
    assert [each for each in host.asked if isinstance(each, str)] == ["energy", "counters"]
    known = HereHost(energy=Energy({"package": 1.0}, 1, 1.0))
    assert resources.added(Measured(), cell(known)).energy is None
    assert Resources(("energy",), None).added(Measured(), cell(known)).energy


def test_a_crash_is_one_cells_and_the_next_is_asked(cell):
    host = HereHost(energy=CrashError("it died"))
    resources = Resources(("energy",), None)
    for _ in range(2):
        assert resources.added(Measured(), cell(host)).missing["energy"] == "it died"
    assert host.asked.count("energy") == 2


def test_peaks_that_were_left_out_start_nothing(tmp_path):
    warnings = []
    order = Order("mnist_10k", QUICK, 1, tmp_path, rebuild=False, cell_limit_s=300, resources=("memory",))
    bench = Bench(order, warnings.append)
    assert bench.peaks([Cell.from_key("latency/fcnn-cpu-b1-onnx")]) == ()
    assert bench.processes.folder.exists()
    assert not list(bench.processes.folder.glob("*.log"))
    bench.close()
    bench.close()
    assert warnings == []
