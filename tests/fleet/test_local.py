"""Without an address: a Ray of the command's own on this machine."""

import os
import subprocess
import sys
from contextlib import closing

import pytest
from lab4_small_models import write_onnx

from lab4.fleet.driver import _make_way
from lab4.fleet.state import FleetState, read_state
from lab4.history.run_file import read_run
from lab4.history.store import open_store

pytest.importorskip("ray", reason="Ray, of the extra fleet, is not installed")

QUICK = ("--lab4-model=net.onnx", "--lab4-profile=quick", "--lab4-devices=cpu", "--lab4-resources=counters")
FORMATS = "--lab4-formats=onnx,onnx_dynamic_int8"


@pytest.fixture
def fleet(tmp_path, pytestconfig):
    """Runs the command in a folder that has a model, with a cache at a place in it."""
    write_onnx(tmp_path / "net.onnx")

    def run(cache, *more):
        own = {"PYTHONPATH": str(pytestconfig.rootpath), "LAB4_CACHE": str(tmp_path / cache)}
        command = [sys.executable, "-m", "lab4", "fleet", "run", "--history", "sqlite:///history.sqlite", *more]
        arguments = ["--", *QUICK, FORMATS, "-m", "examine"]
        return subprocess.run(
            [*command, *arguments], cwd=tmp_path, env={**os.environ, **own}, capture_output=True, text=True, check=False
        )

    return run


@pytest.fixture
def ended(tmp_path):
    """The folder of a driver whose run has ended."""
    state = FleetState.new(("benchmarks",), "sqlite:///history.sqlite")
    state.ended = True
    for name in ("machines", "artifacts"):
        (tmp_path / "lab4-fleet" / name).mkdir(parents=True)
        (tmp_path / "lab4-fleet" / name / "file").touch()
    state.write(tmp_path / "lab4-fleet")
    return tmp_path / "lab4-fleet"


def test_two_cells_are_built_measured_and_in_the_history_without_a_cluster(fleet, tmp_path):
    done = fleet("cache")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1].startswith("1 machine in sqlite:///history.sqlite")
    (path,) = (tmp_path / "lab4-fleet" / "machines").glob("*/run.json")
    run = read_run(path)
    assert (run.complete, len(run.measurements)) == (True, 2)
    with closing(open_store(f"sqlite:///{tmp_path / 'history.sqlite'}")) as store:
        assert [(each.cells, each.complete) for each in store.entries()] == [(2, True)]


def test_an_ended_run_stays_where_it_is_while_no_cluster_answers(fleet, ended):
    before = read_state(ended)
    done = fleet("cache", "--address", "ray://127.0.0.1:1")
    assert (done.returncode, "no cluster of Ray answers" in done.stderr) == (2, True), done.stderr
    assert read_state(ended) == before
    assert (ended / "machines" / "file").exists()


def test_an_ended_run_makes_way_for_the_next_and_leaves_its_runs(ended):
    _make_way(ended)
    assert (ended / "earlier" / read_state(ended).fleet / "machines" / "file").exists()
    assert {path.name for path in ended.iterdir()} == {"earlier", "fleet.json"}
    _make_way(ended)  # the driver was killed in between
