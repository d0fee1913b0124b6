def test_k_gpu_selects_the_gpu_cells_and_no_others(selected):
    ids = selected("-k", "gpu")
    assert ids
    assert all("-gpu-" in each for each in ids)
    assert len(ids) == len([each for each in selected() if "-gpu-" in each])


def test_a_parts_marker_selects_the_part(selected):
    assert selected("-m", "training") == [
        "cnn-cpu-b128-keras",
        "cnn-gpu-b128-keras",
        "fcnn-cpu-b128-keras",
        "fcnn-gpu-b128-keras",
    ]


def test_the_cell_marker_selects_exactly_where_k_cannot(selected):
    exact = selected("-m", "cell(model='cnn', batch_size=1)")
    assert exact
    assert all(each.startswith(("cnn-", "cnn.")) and "-b1-" in each for each in exact)
    loose = selected("-k", "cnn and b1")
    assert set(exact) < set(loose)


def test_the_cell_marker_knows_techniques_and_parts(selected):
    assert selected("-m", "cell(technique='pruned80', part='pruning', model='cnn')") == [
        "cnn.pruned80-cpu-keras",
        "cnn.pruned80-cpu-tflite_float16",
        "cnn.pruned80-cpu-tflite_int8",
    ]


def test_the_models_come_first_whatever_the_files_are_called(suite):
    answer = suite("--collect-only", "-q", "--lab4-models", "fcnn")
    files = [line.partition("::")[0] for line in answer.stdout.splitlines() if "::" in line]
    assert list(dict.fromkeys(files)) == [
        f"benchmarks/test_{part}.py" for part in ("training", "inference", "quantization", "pruning", "deployment")
    ]


def test_options_narrow_every_axis(selected):
    ids = selected(
        *("--lab4-models", "fcnn", "--lab4-devices", "cpu", "--lab4-batch-sizes", "8", "--lab4-formats", "keras,onnx")
    )
    assert set(ids) == {
        "fcnn-cpu-b128-keras",
        "fcnn-cpu-b8-keras",
        "fcnn-cpu-b8-onnx",
        "fcnn.pruned80-cpu-b8-keras",
        "fcnn.pruned80-cpu-b8-onnx",
        "fcnn-cpu-keras",
        "fcnn-cpu-onnx",
        "fcnn.finetuned-cpu-keras",
        "fcnn.pruned80-cpu-keras",
    }


def test_a_part_without_a_cell_is_left_out(selected):
    ids = selected("--lab4-formats", "onnx", "--lab4-models", "fcnn", "--lab4-devices", "cpu")
    assert "fcnn-cpu-b1-onnx" in ids
    assert all(each.endswith(("-onnx", "-keras")) for each in ids)
