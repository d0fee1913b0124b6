import sys
from pathlib import Path

import pytest

from lab4.cli.gate_measuring import request_of
from lab4.domain.cell import Cell
from lab4.domain.errors import Lab4Error
from lab4.launch import LaunchSide

FEW = (
    "benchmarks -m inference --lab4-models fcnn --lab4-formats onnx,keras --lab4-devices cpu "
    "--lab4-techniques finetuned"
)
ALL = [f"latency/fcnn-cpu-b{batch}-{name}" for batch in (1, 32) for name in ("onnx", "keras", "keras:predict")]


@pytest.fixture
def sides(pytestconfig):
    return [LaunchSide(name, Path(sys.executable), pytestconfig.rootpath) for name in ("this checkout", "HEAD~1")]


def test_all_cells_are_asked_for_where_none_is_selected(sides):
    request = request_of(FEW, (), sides)
    assert (request.cells, request.left_out) == (None, ())
    assert request.arguments[:5] == ("--lab4-resources", "memory", "--lab4-report", "csv", "benchmarks")


def test_a_selection_names_its_cells_before_anything_is_measured(sides):
    request = request_of(FEW, (), sides, "*-b1-onnx, fcnn-cpu-b32-keras")
    assert request.cells == (ALL[0], ALL[4])
    assert request.left_out == (*ALL[1:4], ALL[5])


def test_a_pattern_that_is_like_none_is_refused_at_once(sides):
    with pytest.raises(Lab4Error, match=r"no cell is like 'fcnn-cpu-b1-onxx'; did you mean fcnn-cpu-b1-onnx"):
        request_of(FEW, (), sides, "*-keras,fcnn-cpu-b1-onxx")


def test_a_side_that_has_no_cell_that_is_selected_is_named(sides, tmp_path):
    (tmp_path / "benchmarks").mkdir()
    (tmp_path / "benchmarks" / "test_one.py").write_text(
        "import pytest\n@pytest.mark.quantization\ndef test_one(lab4_cell):\n    pass\n"
    )
    other = LaunchSide("another", Path(sys.executable), tmp_path)
    with pytest.raises(Lab4Error, match=r"another has no cell like 'latency/\*'; it has examine/cnn-"):
        request_of("benchmarks", (), [sides[0], other], "latency/*")


def test_a_relative_cache_or_dataset_is_the_same_for_both_sides(sides, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    given = request_of("--lab4-cache a --lab4-dataset=b.npz --lab4-dataset mnist --lab4-cache /c", (), sides).arguments
    assert given[4:] == (
        *(f"--lab4-cache={tmp_path / 'a'}", f"--lab4-dataset={tmp_path / 'b.npz'}", "--lab4-dataset=mnist"),
        "--lab4-cache=/c",
    )
    Path("pyproject.toml").write_text("[tool.lab4]\ncache = 'mine'\ndataset = 'mnist'\n")
    (tmp_path / "below").mkdir()
    monkeypatch.chdir(tmp_path / "below")
    assert request_of("benchmarks", (), sides).arguments[4:] == (
        *("--lab4-dataset=mnist", f"--lab4-cache={tmp_path / 'mine'}", "benchmarks"),
    )


def test_data_are_the_same_for_both_sides_whatever_they_are(sides, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "photos").mkdir()
    written = "--lab4-dataset photos --lab4-dataset=own.py:load --lab4-dataset acme.data:load --lab4-dataset mnist_10k"
    assert request_of(written, (), sides).arguments[4:] == (
        *(f"--lab4-dataset={tmp_path / 'photos'}", f"--lab4-dataset={tmp_path / 'own.py'}:load"),
        *("--lab4-dataset=acme.data:load", "--lab4-dataset=mnist_10k"),
    )


def test_the_cells_of_a_request_are_those_that_pytest_selects(sides):
    from lab4.launch import collected

    chosen = request_of(FEW, (), sides, "*-b1-onnx")
    marker = " or ".join(Cell.from_key(key).marker for key in chosen.cells)
    assert collected(sides[0], [*chosen.arguments, "-m", marker]) == [ALL[0]]


def test_a_cache_in_the_working_folder_is_the_same_for_both_sides(sides, tmp_path, monkeypatch):
    """That of a user whose home folder cannot be used."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("LAB4_CACHE", raising=False)
    Path("a file").touch()
    for name in ("HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, str(tmp_path / "a file"))
    assert request_of("benchmarks", (), sides).arguments[4:] == (
        *(f"--lab4-cache={tmp_path / '.lab4-cache'}", "benchmarks"),
    )


def test_each_side_reads_its_own_project(sides, tmp_path, monkeypatch):
    """pytest would take a path that is a word of its own for one of tests, and its project for that of both sides."""
    here, there = tmp_path / "here", tmp_path / "elsewhere" / "there"
    for folder, models in ((here, "cnn"), (there, "fcnn")):
        (folder / "benchmarks").mkdir(parents=True)
        (folder / "mine").mkdir()
        (folder / "benchmarks" / "test_one.py").write_text(
            "import pytest\n@pytest.mark.deployment\ndef test_one(lab4_cell):\n    pass\n"
        )
        (folder / "pyproject.toml").write_text(
            f"[tool.pytest.ini_options]\n[tool.lab4]\ncache = 'mine'\nmodels = ['{models}']\n"
        )
    monkeypatch.chdir(here)
    from lab4.launch import collected

    words = request_of("benchmarks", (), sides).arguments
    found = {
        folder.name: {
            Cell.from_key(key).model for key in collected(LaunchSide("", Path(sys.executable), folder), words)
        }
        for folder in (here, there)
    }
    assert found == {"here": {"cnn"}, "there": {"fcnn"}}
