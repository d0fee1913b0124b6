import os
import sys

import pytest

from lab4.kernels.beside import beside


def test_both_kernels_are_told():
    found = beside()
    assert 1e-6 < found.reference_s < 1
    assert 0.01 < found.contention < 100


@pytest.mark.skipif(sys.platform != "linux", reason="no choice of cores")
@pytest.mark.parametrize("count", [1, 2])
def test_the_thread_keeps_the_cores_that_it_had(count):
    before = os.sched_getaffinity(0)
    chosen = set(sorted(before)[:count])
    try:
        os.sched_setaffinity(0, chosen)
        beside()
        assert os.sched_getaffinity(0) == chosen
    finally:
        os.sched_setaffinity(0, before)
