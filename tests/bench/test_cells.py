from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from lab4.bench.cells import Axes, catalogue_of, cells, extra_runtimes, formats_of_sources
from lab4.domain.catalogue import RuntimeTraits, has_mark
from lab4.domain.cell import KINDS
from lab4.domain.source import Source
from lab4.formats import FORMATS
from lab4.runtimes import RUNTIMES, Runtime
from lab4.techniques import TECHNIQUES

ALL = Axes(("cnn", "fcnn"), (("finetuned",), ("pruned80",)), ("cpu", "gpu"), (1, 32), FORMATS.default)


def ids(kind, mark=None, axes=ALL):
    catalogue = catalogue_of(axes)
    return [cell.id for cell in cells(kind, axes) if mark is None or has_mark(mark, cell, catalogue)]


def of_cnn(mark):
    return {each for each in ids("examine", mark) if each.startswith("cnn")}


def test_the_worksheets_own_cells_are_all_there():
    assert {f"{m}-{d}-b128-keras" for m in ("cnn", "fcnn") for d in ("cpu", "gpu")} == set(ids("train"))
    assert {f"{m}-{d}-b{b}-keras" for m in ("cnn", "fcnn") for d in ("cpu", "gpu") for b in (1, 32)} <= set(
        ids("latency")
    )
    assert of_cnn("quantization") == {
        "cnn-cpu-keras",
        "cnn-cpu-tflite_float32",
        "cnn-cpu-tflite_float16",
        "cnn-cpu-tflite_int8",
    }
    assert of_cnn("pruning") == {
        "cnn-cpu-keras",
        "cnn.finetuned-cpu-keras",
        "cnn.pruned80-cpu-keras",
        "cnn.pruned80-cpu-tflite_float16",
        "cnn.pruned80-cpu-tflite_int8",
    }
    assert of_cnn("deployment") == {
        f"cnn-cpu-{name}" for name in ("keras", "tflite_float32", "onnx", "saved_model", "tfjs")
    }


def test_each_artifact_is_examined_once():
    assert len(ids("examine")) == len(set(ids("examine"))) == 22


def test_every_format_and_technique_that_runs_here_is_timed():
    timed = {(cell.format, cell.runtime) for cell in cells("latency", ALL) if cell.device == "cpu"}
    assert timed == {(name, "") for name in FORMATS.default} | {("keras", "predict")}
    assert {cell.techniques for cell in cells("latency", ALL)} == {(), ("pruned80",)}


def test_formats_that_are_named_with_one_for_browsers_are_timed_in_extra_runtimes_too():
    named = replace(ALL, formats=("onnx", "tfjs"), formats_are_named=True)
    of_onnx = [cell for cell in cells("latency", named) if cell.device == "cpu" and cell.format == "onnx"]
    runtimes = {cell.runtime for cell in of_onnx if not cell.techniques}
    assert runtimes == {"", *(name for name in extra_runtimes("onnx") if "cpu" in RUNTIMES[name].traits.devices)}
    assert {cell.runtime for cell in cells("latency", named) if cell.techniques and cell.device == "cpu"} == {""}
    assert {cell.runtime for cell in cells("latency", replace(named, runtimes=("onnxruntime",)))} == {""}
    native = cells("latency", replace(named, formats=("onnx",), devices=("cpu",)))
    assert {cell.runtime for cell in native} == {""}


def test_what_is_timed_in_an_extra_runtime_is_examined_there_too_once():
    named = replace(ALL, formats=("onnx", "tfjs"), formats_are_named=True)
    extra = {name for name in RUNTIMES.own if RUNTIMES[name].is_extra}
    timed = {(cell.variant, cell.format, cell.runtime) for cell in cells("latency", named) if cell.runtime in extra}
    examined = [cell for cell in cells("examine", named) if cell.runtime]
    assert {(cell.variant, cell.format, cell.runtime) for cell in examined} == timed
    assert len(examined) == len(timed) > len(extra_runtimes("onnx"))
    assert {(cell.batch_size, cell.threads, cell.settings) for cell in examined} == {(None, 1, ())}
    # Other runtimes of Python replace nothing of the artifact's own.
    assert not [cell for cell in cells("examine", ALL) if cell.runtime]


def test_what_users_give_is_examined_in_extra_runtimes_that_are_named():
    given = Source("mine", "mine.onnx", "onnx", original_format="onnx")
    axes = replace(ALL, models=("mine",), sources={"mine": given}, source_formats=("onnx",), runtimes=("onnx_node",))
    assert [cell.id for cell in cells("examine", axes)] == ["mine-cpu-onnx", "mine-cpu-onnx:onnx_node"]


def test_without_the_host_artifacts_are_still_examined_where_they_run():
    devices = replace(ALL, devices=("gpu",))
    assert ids("examine", axes=devices) == ids("examine")
    assert {cell.device for cell in cells("latency", devices)} == {"gpu"}


def test_techniques_compose_in_the_order_that_was_asked_for():
    chained = replace(ALL, techniques=(("pruned80", "finetuned"), ("pruned50", "pruned80")))
    assert "cnn.pruned50.pruned80-cpu-b1-onnx" in ids("latency", axes=chained)
    assert "cnn.pruned80.finetuned-cpu-keras" in ids("examine", axes=chained)


def test_what_is_only_examined_is_not_timed_and_has_the_original_format_alone():
    axes = replace(ALL, only_examined=(("pruned50",), ("pruned80",), ("pruned95",)))
    added = [each for each in ids("examine", axes=axes) if each not in ids("examine")]
    assert added == [f"{model}.{each}-cpu-keras" for model in ("cnn", "fcnn") for each in ("pruned50", "pruned95")]
    assert len(ids("examine", axes=axes)) == len(set(ids("examine", axes=axes)))
    assert ids("latency", axes=axes) == ids("latency")
    assert set(added) <= set(ids("examine", "pruning", axes))
    assert ids("examine", axes=replace(axes, formats=("onnx",))) == ids("examine", axes=replace(ALL, formats=("onnx",)))


def runtime_of(cell):
    return RUNTIMES[cell.runtime or FORMATS[cell.format].traits.runtimes[0]]


def test_no_cell_asks_a_device_of_a_runtime_that_cannot_use_it():
    timed = [cell for kind in ("latency", "examine") for cell in cells(kind, ALL)]
    assert all(cell.device in runtime_of(cell).traits.devices for cell in timed)


def subsets(names):
    return st.lists(st.sampled_from(list(names)), unique=True, min_size=1).map(tuple)


chains = st.lists(subsets(TECHNIQUES), unique=True, min_size=1).map(tuple)
models, devices = subsets(("cnn", "fcnn", "lenet5")), subsets(("cpu", "gpu"))
axes = st.builds(Axes, models, chains, devices, subsets((1, 8, 32)), subsets(FORMATS))


@given(axes, st.sampled_from(KINDS))
def test_cells_are_distinct_and_within_the_choice(chosen, kind):
    made = list(cells(kind, chosen))
    assert len({cell.key for cell in made}) == len(made)
    for cell in made:
        assert cell.kind == kind
        assert cell.model in chosen.models
        assert cell.device in chosen.devices or kind == "examine"
        assert cell.format in chosen.formats
        assert cell.techniques in {(), *chosen.techniques}


@given(axes)
def test_everything_in_a_cell_has_traits(chosen):
    catalogue = catalogue_of(chosen)
    for cell in (cell for kind in KINDS for cell in cells(kind, chosen)):
        assert cell.model in catalogue.models
        assert set(cell.techniques) <= set(catalogue.techniques)
        assert cell.format in catalogue.formats
        assert cell.device in catalogue.devices
        assert catalogue.runtime_of(cell) in catalogue.runtimes


#: A runtime that reads files of formats which do not name it.
READER = Runtime(
    RuntimeTraits("reader", "Reader", host="python", is_native=True, devices=("cpu",), containers=("tflite",)),
    lambda _: None,
)


def test_a_runtime_serves_every_format_that_it_reads(monkeypatch):
    monkeypatch.setitem(RUNTIMES.own, "reader", f"{__name__}:READER")
    chosen = replace(ALL, runtimes=("litert", "reader"), batch_sizes=(1,), techniques=(), models=("cnn",))
    assert set(ids("latency", axes=chosen)) == {
        f"cnn-cpu-b1-tflite_{precision}{runtime}"
        for precision in ("float32", "float16", "int8")
        for runtime in ("", ":reader")
    }
    assert {f"cnn-cpu-tflite_{each}" for each in ("float32", "float16", "int8")} <= set(ids("examine", axes=chosen))


def test_runtimes_leave_what_is_examined_alone():
    assert ids("examine", axes=replace(ALL, runtimes=("predict",))) == ids("examine")


def test_what_launches_a_call_at_once_is_timed_on_devices_that_work_is_launched_on():
    timed = {(cell.device, cell.runtime) for cell in cells("latency", ALL) if cell.runtime}
    assert timed == {
        ("cpu", "predict"),
        ("gpu", "predict"),
        ("gpu", "tensorflow_xla"),
        ("gpu", "onnxruntime_bound"),
    }


def test_on_the_host_it_is_timed_where_it_is_named():
    named = replace(ALL, devices=("cpu",), runtimes=("tensorflow_xla", "onnxruntime_bound"))
    timed = {(cell.format, cell.runtime) for cell in cells("latency", named)}
    assert timed == {
        ("keras", "tensorflow_xla"),
        ("saved_model", "tensorflow_xla"),
        ("onnx", "onnxruntime_bound"),
    }


def test_every_gpu_by_its_number_has_the_cells_of_the_first():
    first, second = (ids("train", axes=replace(ALL, devices=(device,))) for device in ("gpu", "gpu1"))
    assert [each.replace("-gpu-", "-gpu1-") for each in first] == second
    timed = [ids("latency", axes=replace(ALL, devices=(device,))) for device in ("gpu", "gpu7", "rocm", "metal")]
    assert len(timed[0]) > 10
    assert {len(each) for each in timed} == {len(timed[0])}


def test_models_of_users_are_measured_in_formats_for_few_where_they_are_given_in_one():
    few = {name for name in FORMATS.own if FORMATS[name].is_for_few}
    assert few
    assert few.isdisjoint(formats_of_sources([Source("net", "net.onnx", "onnx", original_format="onnx")]))
    for name in few:
        assert few & set(formats_of_sources([Source("net", "net", "any", original_format=name)])) == {name}
