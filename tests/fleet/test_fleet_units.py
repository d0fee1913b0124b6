"""What is built together: nothing twice, and nothing before what it begins with."""

from hypothesis import given
from hypothesis import strategies as st

from lab4.domain.cell import EXAMINE, LATENCY, TRAIN, Cell, Variant
from lab4.fleet.units import build_units

TECHNIQUES = st.lists(st.sampled_from(["finetuned", "pruned50", "pruned80"]), max_size=3).map(tuple)
CELLS = st.builds(
    Cell,
    kind=st.sampled_from([EXAMINE]),
    model=st.sampled_from(["cnn", "fcnn"]),
    techniques=TECHNIQUES,
    device=st.just("cpu"),
    batch_size=st.none(),
    format=st.sampled_from(["onnx", "keras"]),
)


def steps(variant):
    """Every model on the way to a variant, and itself."""
    return {Variant(variant.model, variant.techniques[:depth]) for depth in range(len(variant.techniques) + 1)}


@given(st.lists(CELLS, max_size=12, unique=True))
def test_every_cell_is_in_one_unit_and_no_step_is_made_by_two(cells):
    units = build_units([cell.key for cell in cells])
    assert sorted(key for unit in units for key in unit.cells) == sorted(cell.key for cell in cells)
    made: dict[str, set[Variant]] = {}
    for unit in units:
        known = set()
        after = unit.after
        while after is not None:  # those that begin before
            known |= made[after]
            after = next(each.after for each in units if each.name == after)
        own = set.union(*(steps(Cell.from_key(key).variant) for key in unit.cells))
        made[unit.name] = own - known
    everything = [step for several in made.values() for step in several]
    assert len(everything) == len(set(everything))


def test_a_step_without_cells_of_its_own_joins_those_that_share_it():
    units = build_units(["examine/cnn.pruned50-cpu-onnx", "examine/cnn.pruned80-cpu-onnx", "examine/fcnn-cpu-onnx"])
    assert [(unit.name, len(unit.cells), unit.after) for unit in units] == [("fcnn", 1, None), ("cnn", 2, None)]


def test_a_training_that_is_timed_needs_nothing_that_is_built():
    keys = [Cell(TRAIN, "cnn", (), "cpu", 128, "keras").key, Cell(LATENCY, "cnn", (), "cpu", 1, "onnx").key]
    assert [unit.cells for unit in build_units(keys)] == [(keys[1],)]
