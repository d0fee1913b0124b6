import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab4.bench.cells import Axes, cells, labels
from lab4.domain.cell import PARTS
from lab4.domain.errors import UnknownNameError
from lab4.formats import FORMATS
from lab4.models import MODELS
from lab4.techniques import TECHNIQUES

ALL = Axes(tuple(MODELS), ("finetuned", "pruned80"), ("cpu", "gpu"), (1, 32), tuple(FORMATS))


def ids(part, axes=ALL):
    return [cell.id for cell in cells(part, axes)]


def test_the_worksheets_own_cells_are_all_there():
    assert {f"{m}-{d}-b128-keras" for m in ("cnn", "fcnn") for d in ("cpu", "gpu")} == set(ids("training"))
    assert {f"{m}-{d}-b{b}-keras" for m in ("cnn", "fcnn") for d in ("cpu", "gpu") for b in (1, 32)} <= set(
        ids("inference")
    )
    assert [i for i in ids("quantization") if i.startswith("cnn")] == [
        "cnn-cpu-keras",
        "cnn-cpu-tflite_float32",
        "cnn-cpu-tflite_float16",
        "cnn-cpu-tflite_int8",
    ]
    assert [i for i in ids("pruning") if i.startswith("cnn")] == [
        "cnn-cpu-keras",
        "cnn.finetuned-cpu-keras",
        "cnn.pruned80-cpu-keras",
        "cnn.pruned80-cpu-tflite_float16",
        "cnn.pruned80-cpu-tflite_int8",
    ]
    assert [i for i in ids("deployment") if i.startswith("cnn")] == [
        f"cnn-cpu-{name}" for name in ("keras", "tflite_float32", "onnx", "saved_model", "tfjs")
    ]


def test_every_format_and_technique_that_runs_here_is_timed():
    timed = {cell.format for cell in cells("inference", ALL) if cell.device == "cpu"}
    assert timed == set(FORMATS) - {"tfjs"}
    assert {cell.techniques for cell in cells("inference", ALL)} == {(), ("pruned80",)}


def test_no_cell_asks_a_device_of_a_runtime_that_cannot_use_it():
    assert all(cell.device in FORMATS[cell.format].devices for part in PARTS for cell in cells(part, ALL))


def subsets(names):
    return st.lists(st.sampled_from(list(names)), unique=True, min_size=1).map(tuple)


axes = st.builds(
    Axes, subsets(MODELS), subsets(TECHNIQUES), subsets(("cpu", "gpu")), subsets((1, 8, 32)), subsets(FORMATS)
)


@given(axes, st.sampled_from(PARTS))
def test_cells_are_distinct_and_within_the_choice(chosen, part):
    made = list(cells(part, chosen))
    assert len({cell.key for cell in made}) == len(made)
    for cell in made:
        assert cell.part == part
        assert cell.model in chosen.models
        assert cell.device in chosen.devices
        assert cell.format in chosen.formats
        assert set(cell.techniques) <= set(chosen.techniques)


def test_every_name_in_an_id_has_a_label():
    made = [cell for part in PARTS for cell in cells(part, ALL)]
    used = {name for cell in made for name in (cell.model, *cell.techniques, cell.device, cell.format)}
    assert used <= set(labels())


def test_an_unknown_part_is_answered_with_the_valid_ones():
    with pytest.raises(UnknownNameError, match="unknown part 'x'; valid: training"):
        list(cells("x", ALL))
