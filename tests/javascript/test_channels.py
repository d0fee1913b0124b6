"""Engines in Node and in a page: asked, killed, and gone with their owner."""

import os
import signal
import socket
import struct
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from time import sleep

import numpy as np
import psutil
import pytest
from lab4_javascript import CHANNELS, LIMIT_S, NODE, PAGE, spin
from lab4_signalled import has_ended

from lab4.domain.errors import ConversionError, CrashError, TimeLimitError, UnavailableError, WorkerError
from lab4.inputs import StoredExamples
from lab4.javascript import node, page
from lab4.javascript.node import NodeChannel
from lab4.javascript.page import PageChannel


def opened(kind, folder, limit_s=LIMIT_S):
    if kind == "page":
        return PageChannel("the page", folder, limit_s)
    return NodeChannel("the Node process", folder / "log", limit_s)


def started(kind, folder, **more):
    channel = opened(kind, folder, **more)
    channel.ask("start", module="spin", backend="", threads=1, is_software=True)
    return channel


def ends(pid):
    """Wait for the end of a process that is no child of this one; says whether it came."""
    try:
        return has_ended(os.pidfd_open(pid))
    except ProcessLookupError:
        return True


def running(pid):
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@pytest.fixture(scope="module", params=CHANNELS)
def channel(request, tmp_path_factory):
    channel = started(request.param, tmp_path_factory.mktemp("channel"))
    yield channel
    channel.close()


def test_outputs_of_all_examples_come_back(channel, tmp_path):
    path, examples = spin(tmp_path, 1e-5)
    loaded = channel.ask("load", artifact=channel.address(path))
    assert (loaded["inputs"], loaded["outputs"]) == ([{"name": "input", "rank": None}], ["output"])
    call = {"names": {"input": "input"}, "folder": channel.address(examples), "batch_size": 2}
    channel.ask("first", number=loaded["number"], **call)
    output = channel.ask("predict", number=loaded["number"], count=None)["outputs"]["output"]
    assert (output["dtype"], output["shape"]) == ("float32", [2, 2, 2])  # the second call has the first example again


def test_a_sentence_of_the_engine_keeps_its_kind(channel, tmp_path):
    path, _ = spin(tmp_path, 1e-5)
    path.write_text("no JSON")
    with pytest.raises(WorkerError, match="JSON"):
        channel.ask("load", artifact=channel.address(path))
    texts = tmp_path / "texts"
    StoredExamples({"input": np.array(["a", "b"])}, is_batched=True).write(texts)
    path, _ = spin(tmp_path, 1e-4)
    number = channel.ask("load", artifact=channel.address(path))["number"]
    with pytest.raises(ConversionError, match="texts"):
        channel.ask("first", number=number, names={"input": "input"}, folder=channel.address(texts), batch_size=1)


@pytest.mark.parametrize("kind", CHANNELS)
def test_an_engine_that_is_killed_is_a_crash_and_leaves_nothing(kind, tmp_path):
    channel = started(kind, tmp_path)
    pid = channel.process_id
    os.kill(pid, signal.SIGKILL)
    with pytest.raises(CrashError, match="ended"):
        channel.ask("work", seconds=0)
    channel.close()
    assert not running(pid)
    assert not channel.is_alive
    assert not list(tmp_path.glob("page-*/"))


@pytest.mark.parametrize("kind", CHANNELS)
def test_an_answer_that_takes_too_long_ends_the_engine(kind, tmp_path):
    channel = started(kind, tmp_path)
    path, examples = spin(tmp_path, 30)
    number = channel.ask("load", artifact=channel.address(path))["number"]
    channel._limit_s = 0.5
    with pytest.raises(TimeLimitError, match="--lab4-cell-timeout"):
        channel.ask("first", number=number, names={"input": "input"}, folder=channel.address(examples), batch_size=1)
    assert not channel.is_alive


@pytest.mark.parametrize("kind", CHANNELS)
def test_an_interrupted_request_leaves_no_answer_to_the_next(kind, tmp_path):
    channel = started(kind, tmp_path)

    def interrupt(_, frame):
        while frame is not None and frame.f_code.co_name != "_exchanged":
            frame = frame.f_back
        if frame is not None:  # it has asked, or is about to
            raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, interrupt)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.3, 0.3)
        with pytest.raises(KeyboardInterrupt):
            channel.ask("work", seconds=LIMIT_S)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert not channel.is_ready
    with pytest.raises(CrashError, match="as a request was interrupted"):
        channel.ask("start", module="spin", backend="", threads=1, is_software=True)
    assert not channel.is_alive


_OWNER = """
import os, signal, sys, time
from pathlib import Path
from threading import Thread
from lab4.javascript.{module} import {channel}
made = {channel}("the engine", Path({where!r}), 300)
print(made.process_id, flush=True)
Thread(target=made.ask, args=("work",), kwargs={{"seconds": 600}}, daemon=True).start()
time.sleep(0.5)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.parametrize("kind", CHANNELS)
def test_an_engine_ends_with_an_owner_that_is_killed_in_a_call(kind, tmp_path):
    names = {"node": ("node", "NodeChannel", tmp_path / "log"), "page": ("page", "PageChannel", tmp_path)}
    module, channel, where = names[kind]
    code = _OWNER.format(module=module, channel=channel, where=str(where))
    owner = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert owner.returncode == -signal.SIGKILL, owner.stderr
    assert ends(int(owner.stdout))


@PAGE
def test_only_the_page_is_served(tmp_path):
    channel = started("page", tmp_path)
    try:
        port = channel._server.server_port
        secret = tmp_path / "secret.txt"
        secret.write_text("mine")
        shared, _ = spin(tmp_path, 1e-5)
        address = channel.address(shared)
        with urllib.request.urlopen(address) as answer:  # noqa: S310  # our own server
            assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
        for wrong in (
            f"http://127.0.0.1:{port}/engine/page.html",
            f"{channel._root}engine/../../../../etc/passwd",
            f"{channel._root}engine/%2e%2e/host.py",
            f"{channel._root}{secret}",
        ):
            with pytest.raises(urllib.error.HTTPError, match="404"):
                urllib.request.urlopen(wrong)  # noqa: S310  # our own server
    finally:
        channel.close()


@PAGE
def test_a_closed_page_leaves_no_thread_and_a_reset_connection_no_traceback(tmp_path, capfd, monkeypatch):
    monkeypatch.setattr(page, "_ASK_AGAIN_S", 0.2)
    before = set(threading.enumerate())
    channel = started("page", tmp_path)
    sleep(0.5)
    monkeypatch.setattr(page, "_ASK_AGAIN_S", 60)
    assert channel.ask("work", seconds=0) == {}  # the page has asked again
    sleep(0.2)  # and waits for long now
    with socket.create_connection(("127.0.0.1", channel._server.server_port)) as client:
        client.sendall(b"GET / HTTP/1.1\r\n")
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    channel.close()
    for thread in set(threading.enumerate()) - before:
        thread.join(LIMIT_S)
    assert set(threading.enumerate()) <= before
    assert capfd.readouterr().err == ""


@PAGE
@pytest.mark.parametrize(
    ("printed", "said"),
    [
        ("[1:1:ERROR:x.cc(1)] no usable sandbox", "no usable sandbox"),
        ("[1:1:FATAL:x.cc(1)] no memory\n[1:1:ERROR:x.cc(1)] no bus", "no memory"),
        ("[1:1:ERROR:x.cc(1)] no bus\nchromium: cannot open libnss3.so", "chromium: cannot open libnss3.so"),
    ],
)
def test_a_browser_that_does_not_start_says_why(tmp_path, monkeypatch, printed, said):
    broken = tmp_path / "chromium"
    broken.write_text(f"#!/bin/sh\ncat >&2 << END\n{printed}\nEND\nexit 1\n")
    broken.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    with pytest.raises(
        UnavailableError, match=f"does not open the page: {said}; see what .* --dump-dom about:blank says"
    ):
        PageChannel("the page", tmp_path, LIMIT_S)
    assert not list(tmp_path.glob("page-*/"))


@PAGE
def test_a_page_that_is_refused_leaves_no_folder(tmp_path, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(sys, "executable", "/no/such/python")
        with pytest.raises(UnavailableError, match="does not open the page"):
            PageChannel("the page", tmp_path, LIMIT_S)
    monkeypatch.setenv("LAB4_CACHE", str(tmp_path / "cache"))
    with pytest.raises(UnavailableError, match="run: lab4 install-javascript"):
        PageChannel("the page", tmp_path, LIMIT_S)
    assert not list(tmp_path.glob("page-*/"))


@PAGE
def test_a_browser_without_webgl_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(page, "_IN_SOFTWARE", ("--disable-gpu", "--disable-software-rasterizer"))
    channel = opened("page", tmp_path)
    try:
        with pytest.raises(UnavailableError, match="the browser has no WebGL 2; use a machine with a GPU"):
            channel.ask("start", module="tfjs", backend="webgl", threads=None, is_software=True)
    finally:
        channel.close()


@NODE
def test_flags_for_every_node_are_not_for_engines(tmp_path, monkeypatch):
    monkeypatch.setenv("NODE_OPTIONS", "--no-such-flag")
    channel = started("node", tmp_path)
    channel.close()


@NODE
def test_a_node_that_closes_its_output_is_not_said_to_have_ended_well(tmp_path, monkeypatch):
    closing = tmp_path / "node"
    closing.write_text('#!/bin/sh\n[ "$1" = --version ] && echo v20.1.0 && exit\nexec 1>&-\nexec sleep 600\n')
    closing.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    channel = opened("node", tmp_path)
    monkeypatch.setattr(node, "_GRACE_S", 0.2)
    with pytest.raises(CrashError, match="closed its output and was ended"):
        channel.ask("work", seconds=0)
    assert not channel.is_alive
