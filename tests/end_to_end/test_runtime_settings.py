"""Settings of ONNX Runtime and LiteRT: they reach the runtime, and a run finds the best and prints how to choose it."""

import shutil

import pytest
from lab4_small_models import Project

from lab4.analysis.document import Code
from lab4.analysis.observations import observations_of
from lab4.analysis.tuning import tuning_section, tunings
from lab4.bench.runtime_jobs import call_of
from lab4.devices import DEVICES
from lab4.domain.errors import UnknownNameError
from lab4.domain.outcome import Measured
from lab4.history.run_file import read_run
from lab4.runtimes import Load, python_runtime
from lab4.testing.conformance import run_python


@pytest.fixture
def loaded(bench, built):
    """Load the artifact of a format with settings of its runtime in this process; returns the runner."""

    def load(form, *settings):
        hosted = bench.hosted(*built(f"latency/fcnn-cpu-b1-{form}"))
        place = Load(DEVICES["cpu"], call_of(hosted.spec), 1, settings)
        return python_runtime(hosted.spec.runtime).load(hosted.spec.path, hosted.spec.format.container, place)

    return load


def test_onnx_runtime_has_what_was_chosen(loaded):
    import onnxruntime

    default = loaded("onnx")._session.get_session_options()
    assert default.graph_optimization_level == onnxruntime.SessionOptions().graph_optimization_level
    assert default.enable_cpu_mem_arena
    with pytest.raises(RuntimeError, match="allow_spinning"):  # not set: the library's own, which is to spin
        default.get_session_config_entry("session.intra_op.allow_spinning")
    changed = loaded("onnx", ("graph", "basic"), ("arena", "off"), ("spinning", "off"))._session.get_session_options()
    assert changed.graph_optimization_level == onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    assert not changed.enable_cpu_mem_arena
    assert changed.get_session_config_entry("session.intra_op.allow_spinning") == "0"


def test_litert_runs_in_its_delegate_or_in_its_own_kernels(loaded):
    def operators(runner):
        return {each["op_name"] for each in runner._interpreter._get_ops_details()}

    on, off = loaded("tflite_float32"), loaded("tflite_float32", ("xnnpack", "off"))
    assert "DELEGATE" in operators(on)
    assert "DELEGATE" not in operators(off)
    assert (on.clock, off.clock) == tuple(
        f"input copy, invoke, output copy (LiteRT with {by})"
        for by in ("its default XNNPACK delegate", "its own kernels")
    )


def test_a_cell_with_settings_is_timed_with_them(bench, built):
    key = "latency/fcnn-cpu-b1-tflite_float32"
    slow, fast = (bench.latency(*built(f"{key}{each}")).latency for each in ("+xnnpack.off", ""))
    assert "its own kernels" in slow.calls.clock
    assert "its default XNNPACK delegate" in fast.calls.clock


def test_a_setting_that_the_runtime_lacks_fails_its_cell_in_one_sentence(bench, built):
    with pytest.raises(UnknownNameError, match="unknown setting of LiteRT 'graph'; valid: xnnpack"):
        bench.latency(*built("latency/fcnn-cpu-b1-tflite_float32+graph.off"))


@pytest.fixture
def project(tmp_path, shared_cache):
    return Project(tmp_path, shared_cache)


@pytest.mark.parametrize(
    ("form", "suffix", "off"), [("onnx", "onnx", "graph"), ("tflite_float32", "tflite", "xnnpack")]
)
def test_a_run_finds_the_best_settings_and_prints_code_that_runs(project, built, form, suffix, off):
    _, artifact = built(f"examine/fcnn-cpu-{form}")
    shutil.copy(artifact.path, project.folder / f"model.{suffix}")
    original = {"onnx": "onnx", "tflite": "tflite_float32"}[suffix]
    given = (f"--lab4-model=model.{suffix}", "--lab4-formats", original, "--lab4-settings", f"{off}=off")
    answer = project.pytest(*given, "--lab4-tune", "--lab4-threads", "1,2")
    assert answer.returncode == 0, answer.stdout
    outcomes = project.outcomes()
    assert set(outcomes) == {
        f"latency/model-cpu-b1{threads}-{original}{settings}"
        for threads in ("", "-t2")
        for settings in ("", f"+{off}.off")
    }
    assert all(isinstance(each, Measured) for each in outcomes.values())
    assert all(len(each.latency.calls.round_sizes) >= 24 for each in outcomes.values())
    # The view of the record, on the terminal and in the report, has the one code, which opens the artifact.
    found = observations_of([read_run(project.folder / "lab4-results" / "run.json")])
    (result,) = tunings(found)
    assert result.tried == 3
    (code,) = (block for block in tuning_section(found).blocks if isinstance(block, Code))
    assert "; ".join(code.lines) in answer.stdout
    report = (project.folder / "lab4-results" / "report.md").read_text(encoding="utf-8")
    assert "\n".join(code.lines) in report
    assert not (project.folder / "lab4-results" / "worksheet.md").exists()
    opened = run_python(f"path = {str(project.folder / f'model.{suffix}')!r}\n" + "\n".join(code.lines))
    assert opened.returncode == 0, opened.stderr


@pytest.fixture
def dynamic(project):
    """A model with a dynamic dimension beyond its batch: a layer of four values, at each of any number of steps."""
    from onnx import TensorProto, helper, save

    weights = helper.make_tensor("w", TensorProto.FLOAT, [4, 4], [0.25] * 16)
    graph = helper.make_graph(
        [helper.make_node("MatMul", ["x", "w"], ["y"])],
        "net",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["batch", "steps", 4])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["batch", "steps", 4])],
        [weights],
    )
    path = project.folder / "model.onnx"
    save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9), path)
    return path


@pytest.mark.usefixtures("dynamic")
def test_shapes_batch_sizes_and_settings_are_timed_in_one_session(project):
    given = ("--lab4-model=model.onnx", "--lab4-formats", "onnx", "-m", "latency", "--lab4-batch-sizes", "1,8")
    given = (*given, "--lab4-progress", "steps")
    answer = project.pytest(*given, "--lab4-dim", "steps=16,64", "--lab4-settings", "graph=default,off")
    assert answer.returncode == 0, answer.stdout
    assert set(project.outcomes()) == {
        f"latency/model_steps{steps}-cpu-b{size}-onnx{settings}"
        for steps in (16, 64)
        for size in (1, 8)
        for settings in ("", "+graph.off")
    }
    assert answer.stdout.count("measuring: round 1 (") == 1
    assert "0 of 8 cells done" in answer.stdout
