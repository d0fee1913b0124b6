import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from lab4.runtimes.litert_runtime import dequantized, quantized

pixels = arrays(np.float32, 64, elements=st.floats(0, 1, width=32))
scales = st.floats(1 / 512, 1 / 100)
zero_points = st.integers(-128, 0)


@given(pixels, scales, zero_points)
def test_quantization_errs_by_half_a_step_at_most_where_it_does_not_clip(images, scale, zero_point):
    back = dequantized(quantized(images, np.int8, scale, zero_point), scale, zero_point)
    inside = images / scale + zero_point <= 127
    assert np.all(np.abs(back - images)[inside] <= scale / 2 + 1e-6)


@given(pixels, scales, zero_points)
def test_quantization_clips_instead_of_wrapping_around(images, scale, zero_point):
    result = quantized(images, np.int8, scale, zero_point)
    order = np.argsort(images)
    assert np.all(np.diff(result[order].astype(int)) >= 0)


def test_a_cast_without_rounding_would_differ():
    images = np.linspace(0, 1, 256, dtype=np.float32)
    careless = (images / (1 / 255) - 128).astype(np.int8)
    dimmed = images * 0.999
    cut = (dimmed / (1 / 255) - 128).astype(np.int8)
    assert np.mean(quantized(dimmed, np.int8, 1 / 255, -128) != cut) > 0.1
    assert np.mean(quantized(images, np.int8, 1 / 255, -128) == careless) > 0.5
