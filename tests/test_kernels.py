import os
import sys

import pytest

from lab4 import kernels as module
from lab4.kernels import probe


def test_both_kernels_are_told():
    found = probe()
    assert 1e-6 < found.frequency_s < 1
    assert all(0.01 < each < 100 for each in found.ratios.values())


@pytest.mark.skipif(sys.platform != "linux", reason="no choice of cores")
@pytest.mark.parametrize("count", [1, 2])
def test_the_thread_keeps_the_cores_that_it_had(count):
    before = os.sched_getaffinity(0)
    chosen = set(sorted(before)[:count])
    try:
        os.sched_setaffinity(0, chosen)
        probe()
        assert os.sched_getaffinity(0) == chosen
    finally:
        os.sched_setaffinity(0, before)


@pytest.mark.skipif(sys.platform != "linux", reason="no choice of cores")
def test_where_no_core_may_be_chosen_the_one_it_is_on_is_looked_at(monkeypatch):
    def refuse(*_):
        raise PermissionError

    monkeypatch.setattr(module.os, "sched_setaffinity", refuse)
    monkeypatch.setattr(module.os, "sched_getaffinity", lambda _: {0, 1})
    found = probe()
    assert found.frequency_s > 0
    assert list(found.cores) == [-1]
