"""One file run twice gives the same bits; by other kernels it may not, and the comparison says by how much."""

import pytest
from ai_edge_litert.interpreter import Interpreter, OpResolverType

from lab4.analysis.answers import furthest_of, verdict_of
from lab4.bench.judging import examples_digest
from lab4.inputs import read_examples
from lab4.measure.answers import answers_of
from lab4.runtimes.litert_runtime import dequantized, quantized


def without_delegate(artifact):
    """All outputs of an int8 TFLite file by LiteRT's own kernels, without XNNPACK."""
    (images,) = read_examples(artifact.examples).arrays.values()
    interpreter = Interpreter(
        str(artifact.path),
        experimental_op_resolver_type=OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES,
    )
    (given,), (made,) = interpreter.get_input_details(), interpreter.get_output_details()
    (name,) = interpreter.get_signature_runner().get_output_details()
    interpreter.resize_tensor_input(given["index"], images.shape)
    interpreter.allocate_tensors()
    interpreter.set_tensor(given["index"], quantized(images, given["dtype"], *given["quantization"]))
    interpreter.invoke()
    return {name: dequantized(interpreter.get_tensor(made["index"]), *made["quantization"])}


@pytest.mark.parametrize("form", ["tflite_float32", "tflite_int8", "onnx", "onnx_static_int8"])
def test_the_same_file_run_again_gives_the_same_bits(bench, built, form):
    cell, artifact = built(f"examine/fcnn-cpu-{form}")
    one, other = (bench.examine(cell, artifact) for _ in range(2))
    assert one.answers.examples_sha256 == examples_digest(artifact.examples)
    assert verdict_of(one.answers, other.answers) == "same bits"
    (kept,) = one.answers.outputs.values()
    assert (kept.dtype, kept.shape, len(kept.values)) == ("float32", (2000, 10), 1024)


def test_other_kernels_give_other_bits_of_the_same_int8_file(bench, built):
    cell, artifact = built("examine/cnn-cpu-tflite_int8")
    delegated = bench.examine(cell, artifact).answers
    outputs = without_delegate(artifact)
    own = answers_of(outputs, delegated.examples_sha256, delegated.rounding)
    assert own.outputs.keys() == delegated.outputs.keys()
    verdict = verdict_of(own, delegated)
    furthest = furthest_of(own.outputs, delegated.outputs)
    (name,) = outputs
    steps = furthest * max(own.outputs[name].scale, delegated.outputs[name].scale) * 256
    assert abs(steps - round(steps)) < 1e-3  # outputs have steps of 1/256
    assert verdict == ("other answers" if furthest > delegated.rounding else "within tolerance")
