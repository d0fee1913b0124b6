"""A real cluster of Ray on this machine, in a process of its own, and a project that a fleet measures on it."""

import json
import os
import random
import select
import socket
import subprocess
import sys
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from lab4_small_models import write_onnx

from lab4.domain.outcome import is_cut_short
from lab4.history.run_file import read_run
from lab4.history.store import open_store

__all__ = ["Fleet", "cluster"]

#: Starts a cluster, says its address, then kills or adds the nodes whose numbers it reads. The head measures nothing.
_CLUSTER = """
import sys
from ray.cluster_utils import Cluster

_BROKEN = 99
folder, count, port = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
small = dict(include_dashboard=False, object_store_memory=80_000_000)
cluster = Cluster(initialize_head=True, head_node_args=dict(num_cpus=0, ray_client_server_port=port, **small))
nodes = {}


def add(number, wait=True):
    own = {"LAB4_CACHE": f"{folder}/{number}/cache", "LAB4_TEST_NODE": str(number), "LAB4_TEST_FOLDER": folder}
    place = f"127.0.0.{number + 10}"
    nodes[number] = cluster.add_node(num_cpus=1, wait=wait, env_vars=own, node_ip_address=place, **small)


def kill(number):
    cluster.remove_node(nodes.pop(number), allow_graceful=False)


for number in range(count):
    add(number, wait=False)
add(_BROKEN, wait=False)
# A driver connects to the last that was started, and ends with it: that one must stay.
cluster.add_node(num_cpus=0, wait=False, **small)
cluster.wait_for_nodes(timeout=300)
print(cluster.address, flush=True)
for line in sys.stdin:
    what, number = line.split()
    {"add": add, "kill": kill}[what](int(number))
    print("done", flush=True)
cluster.shutdown()
"""
#: The first run that gets to a step that the test has asked for says its node's number there, and waits.
_PLUGIN = """
import os
import signal
from pathlib import Path

import pytest

FOLDER, NODE = Path(os.environ.get("LAB4_TEST_FOLDER", "/nowhere")), os.environ.get("LAB4_TEST_NODE", "")


def is_asked_for(step):
    try:
        (FOLDER / step).rename(FOLDER / f"{step}-taken")
    except FileNotFoundError:
        return False
    return True


def wait_where_asked(step):
    if not is_asked_for(step):
        return
    with (FOLDER / "tell").open("w") as pipe:
        pipe.write(NODE)  # the test has it open
    signal.signal(signal.SIGTERM, signal.SIG_DFL)  # it ends at once, as if it was killed
    (FOLDER / "go").open().close()  # once the test opens it too


def pytest_collection_finish(session):
    if session.config.getoption("lab4_build_only", False):
        wait_where_asked("building")
        if is_asked_for("failing"):
            raise pytest.UsageError("this node cannot build")


RESUMED = []


def pytest_configure(config):
    RESUMED.extend([True] if config.getoption("lab4_resume", False) else [])


def pytest_runtest_logfinish():
    wait_where_asked("measuring")
    if RESUMED:  # no run that a killed driver has left
        wait_where_asked("going on")
"""
_ARGUMENTS = (
    *("--lab4-model=net.onnx", "--lab4-model=other.onnx", "--lab4-formats", "onnx,onnx_dynamic_int8"),
    *("--lab4-profile", "quick", "--lab4-devices", "cpu", "--lab4-resources", "counters", "-p", "waiting"),
)


#: Seconds before a test gives up on a node, not how long it takes.
_LIMIT_S = 600


class Fleet:
    """A cluster of so many nodes; ``address`` is where it answers, and ``root`` where lab4 is imported from."""

    def __init__(self, process, folder, root, port, count):
        self.alive = [str(number) for number in range(count)]
        self._count = count
        self.from_outside = f"ray://127.0.0.1:{port}"
        self._process, self._folder, self._root = process, folder, root
        self._tell = os.open(folder / "tell", os.O_RDWR)  # so that neither end waits for the other
        self.address = process.stdout.readline().strip()
        assert self.address, "the cluster has not started"

    def project(self, folder):
        """A project of two models in a folder."""
        folder.mkdir()
        for number, name in enumerate(("net.onnx", "other.onnx")):
            write_onnx(folder / name, number)
        (folder / "waiting.py").write_text(_PLUGIN, encoding="utf-8")
        (folder / "pyproject.toml").write_text("[tool.pytest.ini_options]\nfilterwarnings = []\n", encoding="utf-8")
        return folder

    @contextmanager
    def started(self, project, *arguments, address=""):
        """Start a fleet's run, as a driver in the cluster or at another address; it ends with the block."""
        command = ["fleet", "run", "--address", address or self.address, "--history", "sqlite:///history.sqlite"]
        with subprocess.Popen(
            [sys.executable, "-m", "lab4", *command, *arguments, "--", *_ARGUMENTS],
            cwd=project,
            env={**os.environ, "PYTHONPATH": str(self._root)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            try:
                yield process
            finally:
                process.kill()  # where an assertion fails, a node still waits for a test that has ended

    def run(self, project, *arguments):
        """Run a fleet to its end; returns its exit code and what it printed."""
        with self.started(project, *arguments) as process:
            printed, said = process.communicate()
        return process.returncode, printed, said

    def stop_at(self, step):
        """Let the first run wait that gets to a step: building, measuring, going on. At ``failing`` it cannot build."""
        (self._folder / step).touch()

    def stopped(self):
        """Wait until one has got there; returns the number of its node."""
        poll = select.poll()
        poll.register(self._tell, select.POLLIN)
        assert poll.poll(_LIMIT_S * 1000), "no run has got there"
        return os.read(self._tell, 10).decode()

    def go_on(self):
        """Let the run go on that waits."""
        (self._folder / "go").open("w").close()

    def kill(self, number):
        """Kill all processes of a node."""
        self._command("kill", number)
        self.alive.remove(number)

    def add(self):
        """Let one more node join; returns its number."""
        number = str(self._count)
        self._count += 1
        self._command("add", number)
        self.alive.append(number)
        return number

    def _command(self, what, number):
        self._process.stdin.write(f"{what} {number}\n")
        self._process.stdin.flush()
        assert self._process.stdout.readline() == "done\n"

    def damage_journal(self, project, number):
        """Put a line that is none into the journal of the run that a node has begun."""
        (path,) = (self._folder / number / "cache-fleet" / "runs" / state(project)["fleet"]).glob("*/journal.jsonl")
        header, *others = path.read_bytes().splitlines(keepends=True)
        path.write_bytes(b"".join([header, b"half of a li\n", *others]))

    def entries(self, number):
        """The manifest of each entry in a node's cache, by key."""
        folder = self._folder / number / "cache-fleet" / "cache" / "entries"
        return {path.parent.name: path.read_text() for path in folder.glob("*/manifest.json")}

    def machine(self, number):
        """The identifier that a node's machine has."""
        return (self._folder / number / "cache-fleet" / "machine").read_text()


@contextmanager
def cluster(folder, count, root):
    """A cluster of so many nodes, each with folders of its own, and one more that has a file in place of its folder."""
    (folder / "99").touch()
    for name in ("tell", "go"):
        os.mkfifo(folder / name)
    port = _free_port()
    # Workers that are started ahead are of no use: those of a driver have the files of its project.
    quiet = ("RAY_USAGE_STATS_ENABLED", "RAY_enable_metrics_collection", "RAY_worker_niceness")
    quiet = (*quiet, "RAY_prestart_worker_first_driver")
    with subprocess.Popen(
        [sys.executable, "-c", _CLUSTER, str(folder), str(count), str(port)],
        env={**os.environ, **dict.fromkeys(quiet, "0"), "PYTHONPATH": str(root)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        try:
            yield Fleet(process, folder, root, port, count)
        finally:
            process.stdin.close()
            process.stdout.read()


def _free_port():
    """A port that is free, and that no process here is given by chance meanwhile: below those that systems hand out."""
    for port in random.sample(range(20_000, 30_000), 50):
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise AssertionError("no port is free")


def state(project):
    """What the driver has written of its run."""
    return json.loads((project / "lab4-fleet" / "fleet.json").read_text())


def cells_by_machine(project):
    """The cells that ended, by machine: of all runs that are of it, and in the history."""
    runs = {path.parent.name: read_run(path) for path in (project / "lab4-fleet" / "machines").glob("*/run.json")}
    with closing(open_store(f"sqlite:///{project / 'history.sqlite'}")) as store:
        kept = {each.started_at: store.run(each.number) for each in store.entries()}
    found = {}
    for machine in state(project)["machines"]:
        own = [runs[name] for name in machine["runs"] if name in runs]
        ended = [e.cell.key for run in own for e in run.measurements if not is_cut_short(e.outcome)]
        assert ended == [
            key
            for run in own
            for key, cell in kept[_in_history(kept, run)].cells.items()
            if cell.state != "interrupted"
        ]
        found[machine["machine_id"]] = sorted(ended)
    assert len(kept) == len(runs)
    return found


def _in_history(kept, run):
    return next(moment for moment in kept if moment[:26] == run.started_at[:26])


def artifacts(project):
    """The digests of each artifact, over all machines."""
    found = {}
    for path in (Path(project) / "lab4-fleet" / "machines").glob("*/run.json"):
        for each in read_run(path).measurements:
            artifact = getattr(each.outcome, "artifact", None)
            if artifact is not None:
                found.setdefault(each.cell.key, set()).add(artifact.sha256)
    return found
