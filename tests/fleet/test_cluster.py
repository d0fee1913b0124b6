"""A real cluster of four nodes loses one that builds, one that measures, and then its driver."""

import os
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


def test_a_node_that_dies_while_it_builds_costs_no_cell(fleet, project, pytestconfig):
    before = list(fleet.alive)
    fleet.stop_at("building")
    with fleet.started(project) as driver:
        number = fleet.stopped()
        assert "the run goes on" in status(project, pytestconfig.rootpath)
        code, _, said = fleet.run(project)
        assert code == 2
        assert "lab4-fleet is in use" in said
        code, _, said = fleet.run(project, "--output", "second")
        assert (code, "measures a fleet into the history" in said) == (2, True), said
        fleet.kill(number)
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
    lost = next(each for each in state(project)["machines"] if each["machine_id"] == fleet.machine(number))
    assert "of the same kind" in said
    assert lost["state"] == "done"
    assert "the run has ended" in status(project, pytestconfig.rootpath)


def test_a_node_that_dies_while_it_measures_keeps_what_it_had_and_another_measures_the_rest(fleet, project):
    before = list(fleet.alive)
    fleet.stop_at("measuring")
    shared = project.parent / "shared"
    with fleet.started(project, "--shared-cache", shared.as_uri(), address=fleet.from_outside) as driver:
        number = fleet.stopped()
        fleet.kill(number)
        _, said = driver.communicate()
    assert driver.returncode == 0, said
    found = cells_by_machine(project)
    assert found == dict.fromkeys(found, sorted(state(project)["cells"]))
    assert len(found) == len(before)
    lost = next(each for each in state(project)["machines"] if each["machine_id"] == fleet.machine(number))
    assert len(lost["runs"]) == 2
    built = {key: digest for own in state(project)["built"].values() for key, digest in own.items()}
    assert {path.name for path in shared.iterdir()} == {f"{key}-{digest}.zip" for key, digest in built.items()}
    assert f"{lost['name']}: it was lost while it measured" in said


def test_a_driver_that_is_killed_goes_on_from_its_history(fleet, project, pytestconfig):
    fleet.stop_at("measuring")
    with fleet.started(project) as driver:
        fleet.stopped()
        driver.send_signal(signal.SIGKILL)
        driver.communicate()
    before = state(project)
    assert not before["ended"]
    assert "was interrupted; run the same command to go on" in status(project, pytestconfig.rootpath)
    shared = project.parent / "shared"  # has nothing of what was built
    code, _, said = fleet.run(project, "--shared-cache", shared.as_uri())
    assert code == 0, said
    found = cells_by_machine(project)
    assert found == dict.fromkeys(found, sorted(before["cells"]))
    assert {len(each["runs"]) for each in state(project)["machines"]} == {1}
    assert state(project)["built"] == before["built"]
    built = {key: digest for own in before["built"].values() for key, digest in own.items()}
    assert {path.name for path in shared.iterdir()} == {f"{key}-{digest}.zip" for key, digest in built.items()}
