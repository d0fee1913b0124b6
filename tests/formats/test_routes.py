"""Which formats are made one from the other."""

import pytest

from lab4.domain.contract import Contract
from lab4.domain.inspected import Inspected, Weights
from lab4.formats import FORMATS
from lab4.formats.routes import KERAS_MODEL, entrance, original_of, route


@pytest.mark.parametrize(
    ("form", "material", "original", "steps"),
    [
        ("onnx", "onnx", "onnx", ()),
        ("onnx_float16", "onnx", "onnx", ("onnx_float16",)),
        ("keras", KERAS_MODEL, "", ("keras",)),
        ("keras", KERAS_MODEL, "keras", ()),
        ("onnx_static_int8", KERAS_MODEL, "", ("onnx", "onnx_static_int8")),
        ("onnx_static_int8", "tflite", "tflite_float32", ("onnx", "onnx_static_int8")),
        ("onnx_float16", "tfjs_graph", "", ("saved_model", "onnx", "onnx_float16")),
        ("saved_model", "onnx", "onnx", None),
        ("keras", "tfjs_graph", "", None),
    ],
)
def test_a_route_has_the_fewest_steps(form, material, original, steps):
    assert route(form, material, original) == steps


@pytest.mark.parametrize("material", [KERAS_MODEL, "saved_model", "tflite", "onnx", "tfjs_graph", "no such container"])
@pytest.mark.parametrize("form", FORMATS.own)
def test_each_step_is_made_from_what_the_step_before_it_wrote(form, material):
    steps = route(form, material)
    for step in steps or ():
        made = FORMATS[step]
        assert material in made.converts or (material == KERAS_MODEL and made.export is not None)
        material = made.traits.container
    assert steps is None or steps[-1] == form


@pytest.mark.parametrize(
    ("material", "form"), [("tfjs_graph", "saved_model"), ("tflite", ""), ("onnx", ""), ("hdf5", "")]
)
def test_a_container_that_no_format_has_is_converted_to_one_of_full_precision(material, form):
    assert entrance(material) == form


@pytest.mark.parametrize(
    ("container", "dtypes", "form"),
    [
        ("onnx", ("float32", "int64"), "onnx"),
        ("onnx", ("float16",), "onnx_float16"),
        ("onnx", ("int8", "float32"), "onnx_static_int8"),
        ("onnx", ("uint8",), "onnx_static_int8"),
        ("onnx", (), "onnx"),
        ("onnx", ("float64",), "onnx"),
        ("onnx", ("int64",), "onnx"),
        ("tfjs", ("uint8",), "tfjs_uint8"),
        ("saved_model", ("bfloat16",), "saved_model"),
        ("tfjs_graph", ("float32",), ""),
    ],
)
def test_every_file_of_a_container_that_formats_have_is_of_one_of_them(container, dtypes, form):
    weights = tuple(Weights(each, 10, 10) for each in dtypes)
    found = Inspected(container, Contract((), ()), {}, 10, (), weights)
    assert original_of(found) == form
