"""What makes a run one of a part of the suite: every option of ours that leaves out cells."""

from lab4.launch.suite import narrows
from lab4.plugin.options import OPTIONS

#: Lists of something else than the axes of cells.
OF_EACH_CELL = {"metrics", "resources", "report"}


def test_every_option_that_chooses_cells_is_known_to_narrow():
    lists = {each.key: each.flag for each in OPTIONS if each.kind in {"names", "chains", "filter", "sizes"}}
    for key in lists.keys() - OF_EACH_CELL:
        assert narrows(["benchmarks", lists[key], "one"]), key
    for key in OF_EACH_CELL:
        assert not narrows(["benchmarks", lists[key], "one"])
