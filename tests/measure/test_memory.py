import ctypes
import faulthandler
import os
import signal
import sys
from pathlib import Path
from threading import Event, Thread
from time import perf_counter

import psutil
import pytest

from lab4.bench.worker import Worker
from lab4.domain.errors import (
    ConversionError,
    CrashError,
    Lab4Error,
    TimeLimitError,
    UnavailableError,
    WorkerError,
)
from lab4.measure import memory
from lab4.measure.memory import peak_memory

needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="processes do not fork here")
needs_linux = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
MEGABYTE = 10**6


def touch(size):
    block = bytearray(size)
    for place in range(0, size, 4096):
        block[place] = 1
    return block


def give_back_in_between():
    touch(50 * MEGABYTE)
    touch(10 * MEGABYTE)


def peak_of_touching(size):
    return peak_memory(lambda: touch(size))


def peak_with_another_thread():
    done = Event()
    thread = Thread(target=done.wait)
    thread.start()
    try:
        return peak_memory(lambda: touch(10 * MEGABYTE))
    finally:
        done.set()
        thread.join()


def peak_after_freeing():
    def blocks():
        return [bytes(2_000) for _ in range(10_000)]  # from the heap of malloc

    last = blocks()[-1]  # which cannot shrink while its end is in use
    found = peak_memory(blocks)
    assert len(last) == 2_000
    return found


@pytest.fixture
def afresh(tmp_path):
    """Call a function in a process that has nothing else in it, as a memory worker is; pytest's own has everything."""
    worker = Worker("memory", tmp_path / "log", 300)
    yield worker.call
    worker.close()


@needs_fork
@pytest.mark.parametrize("size", [20 * MEGABYTE, 50 * MEGABYTE])
def test_touched_memory_is_found_within_a_tenth(afresh, size):
    found = afresh(peak_of_touching, size)
    assert found.bytes == pytest.approx(size, rel=0.1)
    assert found.baseline_bytes > 5 * MEGABYTE


@needs_linux
def test_memory_given_back_before_the_end_still_counts(afresh):
    assert afresh(peak_memory, give_back_in_between).bytes == pytest.approx(50 * MEGABYTE, rel=0.1)


@needs_linux
def test_memory_this_process_had_freed_is_no_discount(afresh):
    assert afresh(peak_after_freeing).bytes == pytest.approx(20 * MEGABYTE, rel=0.1)


@needs_fork
def test_other_threads_of_this_process_do_no_harm(afresh):
    assert afresh(peak_with_another_thread).bytes == pytest.approx(10 * MEGABYTE, rel=0.1)


@needs_linux
def test_code_that_was_imported_before_is_not_counted():
    import numpy as np

    left = np.eye(8, dtype=np.float32)
    assert peak_memory(lambda: np.linalg.svd(left @ left)).bytes < 2 * MEGABYTE


@needs_linux
def test_work_that_holds_nothing_needs_next_to_nothing():
    assert 0 <= peak_memory(lambda: None).bytes < MEGABYTE


@needs_fork
def test_what_work_changes_stays_in_the_child():
    seen = []
    peak_memory(lambda: seen.append(1))
    assert seen == []


@needs_fork
def test_an_error_of_ours_comes_back_as_itself():
    def work():
        raise ConversionError("the model does not load")

    with pytest.raises(ConversionError, match=r"^the model does not load$"):
        peak_memory(work)


@needs_fork
def test_an_error_of_ours_that_cannot_be_pickled_comes_back_in_words():
    class PickyError(Lab4Error):
        pass

    def work():
        raise PickyError("no way back")

    with pytest.raises(WorkerError, match=r"^PickyError: no way back$"):
        peak_memory(work)


@needs_fork
@pytest.mark.parametrize(
    ("error", "words"), [(ValueError("one\ntwo"), "ValueError: one"), (SystemExit(), "SystemExit")]
)
def test_any_other_error_comes_back_as_its_first_line(error, words):
    def work():
        raise error

    with pytest.raises(WorkerError, match=f"^{words}$"):
        peak_memory(work)


@needs_fork
def test_a_crash_names_its_signal():
    with pytest.raises(CrashError, match="SIGKILL"):
        peak_memory(lambda: os.kill(os.getpid(), signal.SIGKILL))


@needs_fork
def test_a_wild_pointer_costs_the_child_alone():
    def work():
        faulthandler.disable()  # pytest's would print the child's stack
        ctypes.string_at(1)

    with pytest.raises(CrashError, match="SIGSEGV"):
        peak_memory(work)


@needs_fork
def test_a_child_that_leaves_early_says_its_exit_code():
    with pytest.raises(CrashError, match="exit code 3"):
        peak_memory(lambda: os._exit(3))


@needs_fork
def test_work_that_hangs_is_cut_by_the_limit_and_leaves_no_process():
    before = {child.pid for child in psutil.Process().children()}
    start = perf_counter()
    with pytest.raises(TimeLimitError, match=r"0\.2 s"):  # and no crash: it was not its own alarm, later
        peak_memory(lambda: Event().wait(), limit_s=0.2)
    assert perf_counter() - start >= 0.2
    assert {child.pid for child in psutil.Process().children()} <= before


@needs_linux
def test_where_the_peak_cannot_be_set_back_the_result_says_so(monkeypatch, tmp_path):
    monkeypatch.setattr(memory, "_PROC", tmp_path / "absent")
    found = peak_memory(lambda: touch(50 * MEGABYTE))
    assert found.bytes >= 0
    assert "ru_maxrss" in found.how
    assert "code" in found.how


@needs_linux
def test_a_system_without_a_peak_in_its_status_falls_back_too(monkeypatch, tmp_path):
    (tmp_path / "status").write_text("Name:\tpython\n")
    monkeypatch.setattr(memory, "_PROC", tmp_path)
    assert "no VmHWM" in peak_memory(lambda: None).how


@needs_linux
def test_only_private_parts_of_files_are_made_resident():
    mapped = {start for start, _ in memory._mapped_files()}
    lines = Path("/proc/self/maps").read_text().splitlines()
    anonymous = {int(line.split("-")[0], 16) for line in lines if len(line.split()) < 6 or "[" in line}
    assert mapped
    assert not mapped & anonymous


def test_where_processes_do_not_fork_the_reason_is_told(monkeypatch):
    monkeypatch.delattr(os, "fork", raising=False)
    with pytest.raises(UnavailableError, match="forks"):
        peak_memory(lambda: None)
