"""Digests of outputs: what changes them and what does not, and real runs of one file by two sets of kernels."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from lab4.measure.answers import answers_of, digest_of

dtypes = st.sampled_from(["float32", "float64", "int8", "int64", "bool"])
arrays = dtypes.flatmap(lambda dtype: hnp.arrays(dtype, hnp.array_shapes(max_dims=3, max_side=5)))
outputs = st.dictionaries(st.text("abc", max_size=3), arrays, min_size=1, max_size=3)


@given(outputs)
def test_the_order_of_outputs_and_of_memory_does_not_matter(found):
    turned = {name: np.asfortranarray(each) for name, each in reversed(found.items())}
    assert digest_of(found.items()) == digest_of(turned.items())


@given(arrays)
def test_big_endian_values_are_the_same_values(array):
    assert digest_of([("a", array)]) == digest_of([("a", array.astype(array.dtype.newbyteorder(">")))])


@given(arrays)
def test_names_shapes_dtypes_and_bytes_are_in_the_digest(array):
    found = {
        digest_of([("a", array)]),
        digest_of([("b", array)]),
        digest_of([("a", array[None])]),
        digest_of([("a", array.view(np.uint8))]),
        digest_of([("a", array), ("b", array)]),
    }
    assert len(found) == 5


def test_zeros_of_two_signs_are_other_bits():
    assert digest_of([("a", np.array([0.0]))]) != digest_of([("a", np.array([-0.0]))])


@pytest.mark.parametrize("texts", [["a", "b"], ["ab", ""], ["\u00e9"]])
def test_texts_are_digested_by_what_they_say(texts):
    wide, objects = np.array(texts), np.array(texts, object)
    assert digest_of([("a", wide)]) == digest_of([("a", objects)])
    assert answers_of({"a": objects}, "", 0).outputs["a"].values == ()


@given(st.integers(1, 5000), st.integers(1, 4))
def test_kept_values_are_distinct_places_of_the_whole_output(size, count):
    found = answers_of({str(n): np.arange(size, dtype=np.float64) for n in range(count)}, "", 0)
    for each in found.outputs.values():
        assert len(set(each.values)) == len(each.values) == min(size, 1024 // count)
        assert (each.shape, each.scale) == ((size,), size - 1)


def test_every_class_is_among_the_kept_scores():
    scores = np.tile(np.arange(10, dtype=np.float32), (2000, 1))
    assert set(answers_of({"s": scores}, "", 0).outputs["s"].values) == set(range(10))
