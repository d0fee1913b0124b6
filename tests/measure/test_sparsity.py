import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from lab4.measure.accuracy import count_zeros


@given(st.lists(arrays(np.int8, st.tuples(st.integers(1, 5), st.integers(1, 5)))))
def test_zeros_and_others_add_up(kernels):
    counted = count_zeros(kernels)
    assert counted.total == sum(kernel.size for kernel in kernels)
    assert counted.zeros == sum(int((kernel == 0).sum()) for kernel in kernels)
