"""What is wrong with a model of a user's is one sentence before anything is measured."""

import pytest
from lab4_models import measure, two_by_two

from lab4.domain.errors import UnknownNameError
from lab4.frameworks import onnx
from lab4.plugin.own_models import own_models


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("models")
    two_by_two(made / "pair.onnx")
    (made / "half.onnx").write_bytes((made / "pair.onnx").read_bytes()[:80])
    (made / "notes.txt").write_text("no model", encoding="utf-8")
    return made


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--lab4-model=none.onnx",), "there is no file"),
        (("--lab4-model=notes.txt",), "is no model that lab4 knows; it reads a file .onnx"),
        (("--lab4-model=half.onnx",), "half.onnx is no ONNX model, or only a part of one"),
        (("--lab4-model=pair.onnx", "--lab4-input=middle=const:1"), "has no input 'middle'; it has left, right"),
        (
            ("--lab4-model=pair.onnx", "--lab4-input=left"),
            "--lab4-input 'left': write NAME=VALUE, such as sr=const",
        ),
        (("--lab4-model=pair.onnx", "--lab4-dim=depth=3"), "unknown dimension 'depth'; valid: batch"),
        (("--lab4-model=pair.onnx", "--lab4-dim=batch=0"), "the dimension batch: '0' is no size"),
        (("--lab4-model=pair.onnx", "--lab4-model=./pair.onnx"), "two models have one name"),
        (("--lab4-input=left=const:1",), "name one with --lab4-model"),
    ],
)
def test_it_is_refused(folder, arguments, sentence):
    answer = measure(folder, *arguments, "--collect-only", "-q")
    assert answer.returncode == 4, answer.stdout
    assert sentence in answer.stdout + answer.stderr
    assert "Traceback" not in answer.stdout + answer.stderr


def test_the_cells_are_those_of_the_package_and_their_ids_have_no_path_of_it(folder):
    answer = measure(folder, "--lab4-model=pair.onnx", "--lab4-formats", "onnx", "--collect-only", "-q")
    assert answer.stdout.splitlines()[:2] == [
        "lab4/suite/test_latency.py::test_latency[pair-cpu-b1-onnx]",
        "lab4/suite/test_examine.py::test_examine[pair-cpu-onnx]",
    ]


def test_two_models_are_measured_side_by_side_and_rules_may_be_of_one(folder):
    two_by_two(folder / "other.onnx", batch=1)
    given = ("--lab4-model=pair.onnx", "--lab4-model=other.onnx", "--lab4-input=other:left=const:1")
    answer = measure(folder, *given, "--lab4-formats", "onnx", "--lab4-batch-sizes", "1,8", "--collect-only", "-q")
    ids = [line for line in answer.stdout.splitlines() if "latency" in line]
    assert [each.partition("[")[2] for each in ids] == ["pair-cpu-b1-onnx]", "pair-cpu-b8-onnx]", "other-cpu-b1-onnx]"]


def test_one_option_binds_several_dimensions(tmp_path):
    helper = onnx().helper
    ends = [helper.make_tensor_value_info(name, 1, ["height", "width"]) for name in ("image", "same")]
    graph = helper.make_graph([helper.make_node("Identity", ["image"], ["same"])], "echo", ends[:1], ends[1:])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 15)], ir_version=8)
    (tmp_path / "echo.onnx").write_bytes(model.SerializeToString())
    sources, batch_sizes = own_models(["echo.onnx"], [], ["height=3,width=4,5,batch=1,8"], tmp_path, {})
    assert {name: source.sizes for name, source in sources.items()} == {
        "echo_width4": {"height": 3, "width": 4},
        "echo_width5": {"height": 3, "width": 5},
    }
    assert batch_sizes == (1, 8)


def test_a_size_is_of_those_models_that_have_the_dimension(folder):
    two_by_two(folder / "rows.onnx", batch="rows")
    both = ("--lab4-model=pair.onnx", "--lab4-model=rows.onnx", "--lab4-formats", "onnx", "--collect-only", "-q")
    assert measure(folder, *both, "--lab4-dim=rows=2").returncode == 0
    neither = measure(folder, *both, "--lab4-dim=depth=2")
    assert neither.returncode == 4
    said = "--lab4-dim depth: no model has this dimension; pair has batch; rows has rows"
    assert said in neither.stdout + neither.stderr
    named = measure(folder, *both, "--lab4-dim=pair:rows=2")
    assert named.returncode == 4
    assert "pair: unknown dimension 'rows'; valid: batch" in named.stdout + named.stderr


def test_a_model_that_is_opened_later_may_lack_a_dimension_that_another_has(folder, tmp_path):
    from lab4.bench.source_jobs import contract_of
    from lab4.bench.worker import Worker
    from lab4.plugin.own_models import own_models

    two_by_two(folder / "rows.onnx", batch="rows")
    worker = Worker("tensorflow", tmp_path / "log", 300)
    try:
        worker.call(_save_dense, folder / "dense.h5")
        written = ["rows.onnx", "dense.h5"]
        sources, batch_sizes = own_models(written, (), ("rows=2",), folder, {})
        assert batch_sizes == ()
        assert sources["rows"].sizes == {"rows": 2}
        assert not sources["rows"].optional_sizes
        contract = worker.call(contract_of, sources["dense"])
        (alone,) = own_models(["dense.h5"], (), ("rows=2",), folder, {})[0].values()
        with pytest.raises(UnknownNameError, match="unknown dimension 'rows'"):
            worker.call(contract_of, alone)
    finally:
        worker.close()
    assert [each.name for each in contract.inputs] == ["values"]


def _save_dense(path):
    from lab4.frameworks import keras

    layers = keras().layers
    keras().Sequential([layers.Input((4,), name="values"), layers.Dense(2)]).save(str(path))
