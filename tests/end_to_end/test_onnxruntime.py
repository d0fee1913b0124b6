"""ONNX Runtime runs the ONNX file."""


def test_the_exported_model_computes_what_its_original_does(bench, built):
    cell, artifact = built("examine/fcnn-cpu-onnx")
    measured = bench.examine(cell, artifact)
    assert measured.agreement.total == 2000
    assert measured.agreement.agreeing >= 1998
    assert measured.sparsity.total == 784 * 256 + 256 * 128 + 128 * 10


def test_it_is_timed_at_two_batch_sizes(bench, built):
    one = bench.latency(*built("latency/fcnn-cpu-b1-onnx")).latency
    many = bench.latency(*built("latency/fcnn-cpu-b32-onnx")).latency
    # One call for all: how much longer it takes depends on what else the machine does meanwhile.
    assert min(one.calls.samples_s) < min(many.calls.samples_s)
