"""What a node answers, without a cluster: its facts, and one sentence where something is wrong."""

import json
import os
import platform
import sys

import pytest
from lab4_small_models import write_onnx

from lab4.domain.errors import RecordError
from lab4.fleet import node
from lab4.fleet.facts import refusal
from lab4.fleet.orders import Built, RunOrder
from lab4.storage.folders import OwnedFolder

QUICK = ("--lab4-model=net.onnx", "--lab4-formats=onnx", "--lab4-profile=quick", "--lab4-devices=cpu", "-m", "examine")


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    monkeypatch.setenv("LAB4_CACHE", str(tmp_path / "node" / "cache"))
    monkeypatch.delenv("RAY_RAYLET_PID", raising=False)
    write_onnx(tmp_path / "net.onnx")
    return tmp_path


def order(place, name="run", arguments=QUICK, **more):
    return RunOrder("fleet", name, arguments, None, str(place), **more)


def test_this_machine_takes_part_and_is_known_again(place, monkeypatch):
    first = node.facts()
    assert refusal(first) == ""
    assert first.folder == str(place / "node" / "cache-fleet")
    monkeypatch.setattr(platform, "node", lambda: "another name")
    again = node.facts()
    assert (again.machine_id, again.name) == (first.machine_id, "another name")


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="no such folders on Windows")
def test_a_folder_that_cannot_be_written_is_one_sentence(place, monkeypatch):
    (place / "file").touch()
    monkeypatch.setenv("LAB4_CACHE", str(place / "file" / "cache"))
    ended = node.measure(order(place), [], pytest.fail)
    assert ended.content is None
    assert ended.problem.startswith(f"cannot write {place / 'file'}")
    assert "\n" not in ended.problem


def test_where_the_disk_is_full_whatever_fails_says_so(place, monkeypatch):
    (node.fleet_folder() / "runs").mkdir(parents=True)
    (node.fleet_folder() / "runs" / "fleet").touch()
    assert node.measure(order(place), [], pytest.fail).problem.startswith("cannot write")
    monkeypatch.setattr(node, "_FULL_BYTES", 10**18)
    assert node.measure(order(place), [], pytest.fail).problem.startswith("its disk is full; make room for ")
    assert node.build(order(place), [])[0].problem.startswith("its disk is full; make room for ")


def test_cells_are_asked_for_before_anything_is_built(place):
    assert node.cells(order(place)) == ("examine/net-cpu-onnx",)
    assert "unknown model" in node.cells(order(place, arguments=("--lab4-models", "rnn", "--pyargs", "lab4.suite")))


def test_what_one_node_builds_another_measures_and_a_driver_that_asks_again_gets_the_same(place, monkeypatch):
    built, packed = node.build(order(place, "build"), [])
    assert built.problem == ""
    assert set(built.digests) == set(packed)
    assert packed
    monkeypatch.setenv("LAB4_CACHE", str(place / "other" / "cache"))
    lines = []
    ended = node.measure(order(place), [(built.digests, packed)], lambda message: lines.extend(message.content))
    assert ended.problem == ""
    assert json.loads(ended.content)["lab4"]["complete"]
    assert node.measure(order(place), [], pytest.fail) == ended
    entries = {path.name for path in (place / "other" / "cache-fleet" / "cache" / "entries").iterdir()}
    assert entries == set(packed)


def test_a_build_anew_takes_nothing_from_the_cache_and_leaves_what_was_built_before_it(place):
    first, packed = node.build(order(place, "build"), [])
    again, _ = node.build(order(place, "build", anew=True), [])
    assert set(again.digests) == set(first.digests)
    assert not set(again.digests.values()) & set(first.digests.values())
    begun = node.build(order(place, "build", anew=True), [(first.digests, packed)])
    assert begun == (Built(), {})
    assert not list(node.fleet_folder().glob("lab4-*"))


def test_builds_do_not_wait_for_each_other_and_a_run_that_is_timed_waits_for_all(place, monkeypatch):
    monkeypatch.setattr(node, "_ENDING_S", 0.1)
    other = OwnedFolder(node.fleet_folder() / "runs" / "fleet" / "build-other")
    other.claim()
    try:
        built, _ = node.build(order(place, "build"), [])
        assert built.problem == ""
        ended = node.measure(order(place), [], pytest.fail)
        assert f"process {os.getpid()} has held {other.path}" in ended.problem
    finally:
        other.release()


@pytest.mark.parametrize("text", ["", "../../outside", "0123456789abcdef"])
def test_a_machine_whose_identifier_is_damaged_takes_no_part(text):
    node.facts()
    (node.fleet_folder() / "machine").write_text(text)
    with pytest.raises(RecordError, match=r"machine is damaged, .*; remove it"):
        node.facts()


def test_a_run_that_cannot_go_on_is_not_taken_for_its_earlier_part(place):
    folder = node.fleet_folder() / "runs" / "fleet" / "run"
    folder.mkdir(parents=True)
    (folder / "run.json").write_text("{}")
    (folder / "journal.jsonl").write_text("damaged\n")
    ended = node.measure(order(place), [], lambda _: None)
    assert ended.content is None
    assert "cannot resume" in ended.problem


def test_a_run_removes_what_ended_runs_of_other_fleets_left_a_week_ago():
    runs = node.fleet_folder() / "runs"
    old, interrupted, recent, other, own = (
        runs / name for name in ("before/old", "before/interrupted", "before/recent", "gone/old", "fleet/old")
    )
    for folder in (old, interrupted, recent, other, own):
        folder.mkdir(parents=True)
        (folder / "run.json").touch()
    (interrupted / "journal.jsonl").touch()
    for folder in (old, interrupted, other, own):
        os.utime(folder, (0, 0))
    node._remove_old(own.parent)
    assert {folder for folder in (old, interrupted, recent, other, own) if folder.exists()} == {
        interrupted,
        recent,
        own,
    }
    assert not other.parent.exists()


def test_artifacts_that_change_on_their_way_are_not_measured(place):
    built, packed = node.build(order(place, "build"), [])
    key = next(iter(packed))
    ended = node.measure(order(place), [(built.digests, {**packed, key: packed[key] + b"x"})], pytest.fail)
    assert ended.problem == f"the artifact {key} has changed on its way here; run the same command again"


def test_a_run_that_cannot_start_says_what_pytest_said(place):
    ended = node.measure(order(place, arguments=("--lab4-model=missing.onnx",)), [], pytest.fail)
    assert ended.content is None
    assert "left no results (pytest ended with 4)" in ended.problem
    built, packed = node.build(order(place, "build", ("--lab4-model=missing.onnx",)), [])
    assert (dict(built.digests), packed) == ({}, {})
    assert "missing.onnx" in built.problem


def test_a_run_is_in_the_environment_of_its_node_and_not_of_rays_task(monkeypatch):
    monkeypatch.setenv("RAY_RAYLET_PID", str(os.getppid()))
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    monkeypatch.setenv("PYTHONPATH", "unpacked")
    found = node._environment()
    assert "OMP_NUM_THREADS" not in found
    assert found["PYTHONPATH"] == "unpacked"
    assert sys.executable
