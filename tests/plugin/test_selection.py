import pytest

from lab4.domain.cell import Cell


def test_k_gpu_selects_the_gpu_cells_and_no_others(selected):
    ids = selected("-k", "gpu")
    assert ids
    assert all("-gpu-" in each for each in ids)
    assert len(ids) == len([each for each in selected() if "-gpu-" in each])


@pytest.mark.parametrize(
    ("mark", "of_fcnn"),
    [
        ("quantization", ["keras", "tflite_float32", "tflite_float16", "tflite_int8"]),
        ("deployment", ["keras", "tflite_float32", "onnx", "saved_model", "tfjs"]),
        ("examine and not pruning", ["tflite_float32", "tflite_float16", "tflite_int8", "onnx", "saved_model", "tfjs"]),
    ],
)
def test_marks_that_are_derived_select_the_rows_of_a_table(selected, mark, of_fcnn):
    assert selected("-m", mark, "--lab4-models", "fcnn") == [f"fcnn-cpu-{name}" for name in of_fcnn]


def test_the_marker_of_training_selects_it(selected):
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


def test_the_cell_marker_knows_techniques(selected):
    assert selected("-m", "pruning and cell(technique='pruned80', model='cnn')") == [
        "cnn.pruned80-cpu-keras",
        "cnn.pruned80-cpu-tflite_float16",
        "cnn.pruned80-cpu-tflite_int8",
    ]


def test_the_models_come_first_whatever_the_files_are_called(suite):
    answer = suite("--collect-only", "-q", "--lab4-models", "fcnn")
    files = [line.partition("::")[0] for line in answer.stdout.splitlines() if "::" in line]
    assert list(dict.fromkeys(files)) == [f"benchmarks/test_{kind}.py" for kind in ("train", "latency", "examine")]


def test_options_narrow_every_axis(selected):
    ids = selected(
        *("--lab4-models", "fcnn", "--lab4-devices", "cpu", "--lab4-batch-sizes", "8", "--lab4-formats", "keras,onnx")
    )
    assert set(ids) == {
        "fcnn-cpu-b128-keras",
        "fcnn-cpu-b8-keras",
        "fcnn-cpu-b8-keras:predict",
        "fcnn-cpu-b8-onnx",
        "fcnn.pruned80-cpu-b8-keras",
        "fcnn.pruned80-cpu-b8-keras:predict",
        "fcnn.pruned80-cpu-b8-onnx",
        "fcnn-cpu-keras",
        "fcnn-cpu-onnx",
        "fcnn.finetuned-cpu-keras",
        "fcnn.pruned80-cpu-keras",
    }


def test_a_kind_without_a_cell_is_left_out(selected):
    ids = selected("--lab4-formats", "onnx", "--lab4-models", "fcnn", "--lab4-devices", "cpu")
    assert "fcnn-cpu-b1-onnx" in ids
    assert all(each.endswith(("-onnx", "-keras")) for each in ids)


def test_without_the_host_sizes_and_accuracies_are_still_measured(selected):
    examined = selected("-m", "examine")
    assert selected("-m", "examine", "--lab4-devices", "gpu") == examined
    assert len(set(examined)) == len(examined)


def test_techniques_compose(selected):
    ids = selected("--lab4-techniques", "pruned80.finetuned", "--lab4-models", "fcnn", "--lab4-formats", "keras")
    assert "fcnn.pruned80.finetuned-cpu-keras" in ids


def test_every_id_can_be_given_to_k(selected):
    assert selected("-k", "fcnn-cpu-b1-keras:predict") == ["fcnn-cpu-b1-keras:predict"]


def test_runtimes_narrow_what_formats_are_timed_in(selected):
    flags = ("-m", "latency", "--lab4-models", "fcnn", "--lab4-devices", "cpu", "--lab4-batch-sizes", "1")
    assert selected(*flags, "--lab4-techniques", "finetuned", "--lab4-runtimes", "predict,litert") == [
        "fcnn-cpu-b1-keras:predict",
        *(f"fcnn-cpu-b1-tflite_{precision}" for precision in ("float32", "float16", "int8")),
    ]


def test_the_thorough_profile_examines_the_steps_of_the_curve_unless_techniques_are_named(selected):
    flags = ("-m", "pruning", "--lab4-models", "fcnn", "--lab4-formats", "keras")
    usual = ["fcnn-cpu-keras", "fcnn.finetuned-cpu-keras", "fcnn.pruned80-cpu-keras"]
    assert selected(*flags) == usual
    steps = [f"fcnn.pruned{percent}-cpu-keras" for percent in (50, 90, 95)]
    assert selected(*flags, "--lab4-profile", "thorough") == [*usual, *steps]
    named = selected(*flags, "--lab4-profile", "thorough", "--lab4-techniques", "pruned80")
    assert named == ["fcnn-cpu-keras", "fcnn.pruned80-cpu-keras"]
    timed = ("-m", "latency", "--lab4-models", "fcnn", "--lab4-formats", "keras")
    assert selected(*timed, "--lab4-profile", "thorough") == selected(*timed)


def test_the_quick_profile_measures_what_the_form_asks(selected):
    every, quick = selected(), selected("--lab4-profile", "quick")
    left_out = set(every) - set(quick)
    assert set(quick) < set(every)
    assert all("-b1-" in each or "-b32-" in each for each in left_out)
    assert {"cnn-cpu-b1-onnx", "cnn-cpu-b1-keras:predict", "cnn.pruned80-cpu-b1-keras"} <= left_out
    kept = (
        "cnn-cpu-b1-keras",
        "cnn-cpu-b1-tflite_int8",
        "cnn-cpu-b32-onnx",
        "cnn.pruned80-cpu-b32-tfjs",
        "cnn-gpu-b1-keras",
    )
    assert set(kept) <= set(quick)


@pytest.mark.parametrize(
    "flags",
    [("--lab4-all",), ("-m", "inference"), ("-k", "cnn"), ("--lab4-batch-sizes", "1,32"), ("--lab4-threads", "1")],
)
def test_whoever_selects_cells_in_the_quick_profile_has_all_of_them(selected, flags):
    assert selected(*flags, "--lab4-profile", "quick") == selected(*flags)


@pytest.mark.parametrize("key", ["train/cnn-cpu-b128-keras", "latency/cnn-cpu-b1-onnx", "examine/cnn-cpu-onnx"])
def test_the_marker_of_a_cell_selects_it_and_no_other(selected, key):
    cell = Cell.from_key(key)
    assert selected("-m", cell.marker, "--lab4-all") == [cell.id]
