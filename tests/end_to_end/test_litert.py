"""LiteRT runs the TFLite files."""

import pytest


@pytest.mark.parametrize(
    ("precision", "bytes_a_weight"),
    [("float32", 4), ("float16", 2), ("int8", 1), ("dynamic_int8", 1), ("int16x8", 1), ("weight_only_int8", 1)],
)
def test_every_precision_keeps_its_accuracy_and_its_size(bench, built, precision, bytes_a_weight):
    cell, artifact = built(f"examine/fcnn-cpu-tflite_{precision}")
    measured = bench.examine(cell, artifact)
    original = bench.examine(*built("examine/fcnn-cpu-keras"))
    assert abs(sum(measured.per_example.correct) - sum(original.per_example.correct)) <= 20
    assert measured.agreement.total == 2000
    assert measured.agreement.agreeing >= 1950
    assert 235_146 * bytes_a_weight < measured.size.disk_bytes < 235_146 * bytes_a_weight * 1.1
    # Every kernel of the model is found in the file: three dense layers.
    assert measured.sparsity.total == 784 * 256 + 256 * 128 + 128 * 10


@pytest.mark.parametrize("batch_size", [1, 32, 7])
def test_any_batch_size_is_timed(bench, built, batch_size):
    latency = bench.latency(*built(f"latency/fcnn-cpu-b{batch_size}-tflite_int8")).latency
    assert latency.threads == 1
    assert min(latency.calls.samples_s) > 0
