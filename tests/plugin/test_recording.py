import json
import shutil

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lab4_small_models import write_onnx

from lab4.plugin.recording import ReplayClock


@given(st.lists(st.floats(1e-9, 1e3), min_size=1))
def test_every_round_of_pytest_benchmark_sees_exactly_its_sample(samples):
    clock = ReplayClock()
    clock.load(samples)
    seen = []
    for _ in samples:
        start = clock()
        seen.append(clock() - start)
    assert seen == samples


RECORDS_NOTHING = """
import pytest

@pytest.mark.examine
def test_mine(lab4_cell, lab4_record):
    pass
"""

RECORDS_NO_TIME = """
import pytest
from lab4.domain.outcome import Measured

@pytest.mark.examine
def test_mine(lab4_cell, lab4_record):
    lab4_record(Measured())
"""

#: A small file of the user's, for which no framework is opened.
ARGUMENTS = (
    *("--lab4-model=net.onnx", "--lab4-formats", "onnx", "--lab4-devices", "cpu", "--lab4-report", "md"),
    *("-p", "no:cacheprovider", "test_mine.py"),
)


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    # Once: pytester forgets what is imported in its tests, and onnx cannot be imported twice.
    return write_onnx(tmp_path_factory.mktemp("net") / "net.onnx")


@pytest.fixture
def net(pytester, file):
    shutil.copy(file, pytester.path)


@pytest.mark.usefixtures("net")
def test_a_cell_that_records_nothing_is_a_failed_cell(pytester):
    pytester.makepyfile(test_mine=RECORDS_NOTHING)
    result = pytester.runpytest_subprocess(*ARGUMENTS)
    assert "failed: the test passed without recording anything" in (
        pytester.path / "lab4-results" / "report.md"
    ).read_text(encoding="utf-8")
    assert "FAILED: the test passed without recording anything" in result.stdout.str()
    assert result.ret == 1


@pytest.mark.usefixtures("net")
def test_a_cell_without_a_timing_is_a_failed_cell(pytester):
    pytester.makepyfile(test_mine=RECORDS_NO_TIME)
    result = pytester.runpytest_subprocess(*ARGUMENTS)
    result.assert_outcomes(failed=1)
    assert "not used at all" not in result.stdout.str()
    assert "recorded without a single timing" in result.stdout.str()
    assert "Traceback" not in result.stdout.str()


@pytest.mark.usefixtures("net")
def test_switched_off_benchmarks_are_said_and_not_measured(pytester):
    pytester.makepyfile(test_mine=RECORDS_NO_TIME)
    result = pytester.runpytest_subprocess(*ARGUMENTS, "--benchmark-disable")
    result.assert_outcomes(skipped=1)
    assert result.ret == 0
    assert "not used at all" not in result.stdout.str()
    assert "pytest-benchmark is switched off" in result.stdout.str()


BROKEN = "import nothing_of_this_name\n"
MARKED = """
import lab4
import pytest

suite = lab4.from_model("net.onnx").where(kind="latency", format="onnx", device="cpu")

@pytest.mark.benchmark(group="mine")
@suite.parametrize()
def test_mine(cell):
    cell.measure()
"""


@pytest.mark.usefixtures("net")
@pytest.mark.parametrize("option", ["--benchmark-skip", "--benchmark-disable"])
def test_where_nothing_is_recorded_nothing_is_built_and_timed(pytester, option):
    pytester.makepyfile(test_mine=MARKED)
    result = pytester.runpytest_subprocess("test_mine.py", "-p", "no:cacheprovider", option)
    result.assert_outcomes(skipped=1)
    assert "timing" not in result.stdout.str()
    assert not json.loads((pytester.path / "lab4-results" / "run.json").read_text())["benchmarks"]


@pytest.mark.usefixtures("net")
def test_a_mark_of_the_users_does_not_take_the_place_of_the_clock(pytester):
    pytester.makepyfile(test_mine=MARKED)
    result = pytester.runpytest_subprocess("test_mine.py", "--lab4-profile=quick", "-p", "no:cacheprovider")
    result.assert_outcomes(passed=1)
    (row,) = json.loads((pytester.path / "lab4-results" / "run.json").read_text())["benchmarks"]
    assert row["group"] == "mine"
    assert row["stats"]["rounds"] > 10
    assert row["stats"]["median"] > 5e-7  # a call of a runtime; of nothing it is some 50 ns


@pytest.mark.usefixtures("net")
def test_an_error_of_collection_leaves_an_interrupted_run_as_it_is(pytester):
    pytester.makepyfile(test_mine=MARKED, test_broken=BROKEN)
    (pytester.path / "lab4-results").mkdir()
    (pytester.path / "lab4-results" / "run.json").write_text("{}")
    result = pytester.runpytest_subprocess("-p", "no:cacheprovider")
    assert result.ret == 2
    assert "nothing_of_this_name" in result.stdout.str()
    assert (pytester.path / "lab4-results" / "run.json").read_text() == "{}"
    assert not (pytester.path / "lab4-results" / "earlier").exists()
