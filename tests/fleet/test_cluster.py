"""A real cluster of four nodes loses one that builds, one that measures, and then its driver."""

import os
import re
import signal
import subprocess
import sys

import pytest
from lab4_fleets import artifacts, cells_by_machine, cluster, state

pytest.importorskip("ray", reason="Ray, of the extra fleet, is not installed")
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no named pipes on Windows")


@pytest.fixture(scope="module")
def fleet(tmp_path_factory, pytestconfig):
    with cluster(tmp_path_factory.mktemp("nodes"), 4, pytestconfig.rootpath) as found:
        yield found


@pytest.fixture
def project(fleet, tmp_path):
    return fleet.project(tmp_path / "project")


def status(project, root):
    command = [sys.executable, "-m", "lab4", "fleet", "status"]
    environment = {**os.environ, "PYTHONPATH": str(root)}
    return subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, check=True).stdout


def test_nodes_that_die_cost_no_cell_and_what_they_had_stays(fleet, project, pytestconfig):
    before = list(fleet.alive)
    for step in ("building", "failing"):
        fleet.stop_at(step)
    with fleet.started(project) as driver:
        builder = fleet.stopped()
        assert "the run goes on" in status(project, pytestconfig.rootpath)
        code, _, said = fleet.run(project)
        assert code == 2
        assert "lab4-fleet is in use" in said
        code, _, said = fleet.run(project, "--output", "second")
        assert (code, "measures a fleet into the history" in said) == (2, True), said
        fleet.stop_at("measuring")
        fleet.kill(builder)
        measurer = fleet.stopped()
        fleet.kill(measurer)
        printed, said = driver.communicate()
    assert driver.returncode == 0, said
    assert printed.splitlines()[-1].startswith(f"{len(before)} machines in sqlite:///history.sqlite")
    found = cells_by_machine(project)
    planned = sorted(state(project)["cells"])
    assert len(planned) == 8
    assert found == dict.fromkeys(found, planned)
    assert len(found) == len(before)
    assert all(len(each) == 1 for each in artifacts(project).values())
    # The very same bytes: a manifest has the moment at which its entry was built.
    first, *others = map(fleet.entries, fleet.alive)
    assert first
    assert all(other == first for other in others)
    lost = {each["machine_id"]: each for each in state(project)["machines"]}
    assert lost[fleet.machine(builder)]["state"] == "done"
    assert len(lost[fleet.machine(measurer)]["runs"]) == 2
    name = re.escape(lost[fleet.machine(measurer)]["name"])
    assert re.search(
        rf"{name}: it was lost while it measured \((its node is down|its process was killed|Ray has)", said
    )
    assert said.count("of the same kind") == 2
    # Twice where the second node that is lost was building as well.
    assert said.count("and is built on another node: ") in {1, 2}
    assert re.search(r" takes no part: cannot write .*/99/cache-fleet: [^;]*$", said, re.MULTILINE)
    assert len(state(project)["built"]) == 2
    assert "the run has ended" in status(project, pytestconfig.rootpath)


def test_a_driver_that_is_killed_goes_on_with_a_damaged_journal_and_a_node_that_joins(fleet, project, pytestconfig):
    fleet.stop_at("measuring")
    with fleet.started(project) as driver:
        stopped = fleet.stopped()
        driver.send_signal(signal.SIGKILL)
        driver.communicate()
    before = state(project)
    assert not before["ended"]
    assert "was interrupted; run the same command to go on" in status(project, pytestconfig.rootpath)
    fleet.damage_journal(project, stopped)
    fleet.stop_at("going on")
    shared = project.parent / "shared"  # has nothing of what was built
    with fleet.started(project, "--shared-cache", shared.as_uri(), address=fleet.from_outside) as driver:
        fleet.stopped()
        fleet.add()
        fleet.go_on()
        _, said = driver.communicate()
    assert driver.returncode == 0, said
    found = cells_by_machine(project)
    assert found == dict.fromkeys(found, sorted(before["cells"]))
    assert found.keys() == set(map(fleet.machine, fleet.alive))
    assert "has joined the cluster" in said
    assert "a line of its journal is not kept" in said
    assert {len(each["runs"]) for each in state(project)["machines"]} == {1}
    assert state(project)["built"] == before["built"]
    built = {key: digest for own in before["built"].values() for key, digest in own.items()}
    assert {path.name for path in shared.iterdir()} == {f"{key}-{digest}.zip" for key, digest in built.items()}
