"""What ``lab4 fleet`` says before it has a cluster."""

import json
import shutil
import subprocess
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from lab4.cli import main
from lab4.fleet.state import DONE, FleetState, MachineState


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_without_ray_it_says_what_to_install(monkeypatch, capsys, here):
    monkeypatch.setitem(sys.modules, "ray", None)
    assert main(["fleet", "run", "--", "benchmarks"]) == 2
    assert "a fleet needs Ray, which is not installed; run: pip install 'lab4[fleet]'" in capsys.readouterr().err
    assert list(here.iterdir()) == []  # no history was begun


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("ray://127.0.0.1:1", "no cluster of Ray answers at ray://127.0.0.1:1"),
        ("127.0.0.1:1", "no cluster of Ray answers at 127.0.0.1:1"),
        ("head", "--address 'head': write ray://HOST:10001, or HOST:6379"),
    ],
)
def test_an_address_that_does_not_answer_is_one_sentence(capsys, address, said):
    assert main(["fleet", "run", "--address", address, "--", "benchmarks"]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert said in line


@pytest.fixture
def other_server():
    """The address of a server that is no cluster."""
    pytest.importorskip("ray", reason="Ray, of the extra fleet, is not installed")
    with ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as server:
        Thread(target=server.serve_forever).start()
        try:
            yield f"127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()


@pytest.mark.parametrize("has_tls", [False, True])
def test_a_server_of_another_kind_is_no_cluster(has_tls, other_server, here, capsys, monkeypatch):
    if has_tls:
        if (openssl := shutil.which("openssl")) is None:
            pytest.skip("openssl, which makes a certificate, is not installed")
        made = (
            "req",
            "-x509",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-subj",
            "/CN=localhost",
            "-keyout",
            "key",
            "-out",
            "own",
        )
        subprocess.run([openssl, *made], cwd=here, check=True, capture_output=True)
        monkeypatch.setenv("RAY_USE_TLS", "1")
        for name, file in {"CA_CERT": "own", "SERVER_CERT": "own", "SERVER_KEY": "key"}.items():
            monkeypatch.setenv(f"RAY_TLS_{name}", str(here / file))
    assert main(["fleet", "run", "--address", other_server, "--", "benchmarks"]) == 2
    (line,) = [each for each in capsys.readouterr().err.splitlines() if each.startswith("lab4: ")]
    assert f"no cluster of Ray answers at {other_server} (what listens there is not the head of one); start one" in line


def test_a_certificate_that_cannot_be_read_is_one_sentence(other_server, capsys, monkeypatch):
    monkeypatch.setenv("RAY_USE_TLS", "1")
    monkeypatch.setenv("RAY_TLS_CA_CERT", "no-such-file")
    assert main(["fleet", "run", "--address", other_server, "--", "benchmarks"]) == 2
    (line,) = [each for each in capsys.readouterr().err.splitlines() if each.startswith("lab4: ")]
    assert "the file that RAY_TLS_CA_CERT names cannot be read ('no-such-file': " in line


@pytest.mark.parametrize("option", ["--lab4-output=x", "--lab4-resume", "--lab4-cache", "--lab4-gate=y"])
def test_what_a_fleet_gives_itself_is_refused(capsys, option):
    assert main(["fleet", "run", "--", "benchmarks", option]) == 2
    assert f"a fleet gives {option.partition('=')[0]} itself; " in capsys.readouterr().err


def test_a_run_of_other_arguments_is_not_gone_on_with(here, capsys, monkeypatch):
    state = FleetState.new(("benchmarks", "-m", "inference"), "sqlite:///h.sqlite")
    state.write(here / "lab4-fleet")
    monkeypatch.setattr("lab4.fleet.driver.connected", lambda *_: pytest.fail("it is refused before"))
    assert main(["fleet", "run", "--history", "sqlite:///h.sqlite", "--", "benchmarks"]) == 2
    assert (
        "lab4-fleet has a run that has not ended, with the arguments 'benchmarks -m inference'"
        in capsys.readouterr().err
    )


def test_status_says_who_measures_what(here, capsys):
    assert main(["fleet", "status"]) == 2
    assert "there is no run of a fleet in lab4-fleet; start one with lab4 fleet run" in capsys.readouterr().err
    cells = ("latency/cnn-cpu-b1-onnx", "examine/cnn-cpu-onnx")
    state = FleetState.new(("benchmarks",), "sqlite:///h.sqlite")
    state.cells, state.builds, state.built = cells, 2, {"cnn": {}}
    first, second = MachineState("a", "box", "562b73a2c10c", cells), MachineState("b", "ru\x1b[2Jn", "x", cells[:1])
    first.turn(DONE)
    first.done = 2
    second.problem = "it was lost"
    state.machines = [first, second]
    state.write(here / "lab4-fleet")
    assert main(["fleet", "status"]) == 0
    printed = capsys.readouterr().out.splitlines()
    assert printed[0] == "the run was interrupted; run the same command to go on"
    assert printed[1] == "1 of 2 parts built; the history is sqlite:///h.sqlite"
    assert printed[5].split()[:4] == ["box", "562b73a2c10c", "2/2", "done"]
    assert printed[6].split()[:4] == [r"ru\x1b[2Jn", "x", "0/1", "waiting"]
    assert printed[-1] == r"ru\x1b[2Jn: it was lost"
    assert main(["fleet", "status", "--json"]) == 0
    plain = json.loads(capsys.readouterr().out)
    assert (plain["running"], plain["ended"], plain["built"]) == (False, False, 1)
    assert [(each["planned"], each["done"]) for each in plain["machines"]] == [(2, 2), (1, 0)]
