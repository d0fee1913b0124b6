"""Engines in Node and in a page: asked, killed, and gone with their owner."""

import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request

import numpy as np
import psutil
import pytest
from lab4_javascript import CHANNELS, PAGE, spin

from lab4.domain.errors import ConversionError, CrashError, TimeLimitError, UnavailableError, WorkerError
from lab4.inputs import StoredExamples
from lab4.javascript.node import NodeChannel
from lab4.javascript.page import PageChannel


def opened(kind, folder, limit_s=60):
    if kind == "page":
        return PageChannel("the page", folder, limit_s)
    return NodeChannel("the Node process", folder / "log", limit_s)


def started(kind, folder, **more):
    channel = opened(kind, folder, **more)
    channel.ask("start", module="spin", backend="", threads=1, is_software=True)
    return channel


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


_OWNER = """
import os, signal, sys
from pathlib import Path
from lab4.javascript.{module} import {channel}
made = {channel}("the engine", Path({where!r}), 60)
print(made.process_id, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.parametrize("kind", CHANNELS)
def test_an_engine_ends_with_an_owner_that_is_killed(kind, tmp_path):
    names = {"node": ("node", "NodeChannel", tmp_path / "log"), "page": ("page", "PageChannel", tmp_path)}
    module, channel, where = names[kind]
    code = _OWNER.format(module=module, channel=channel, where=str(where))
    owner = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert owner.returncode == -signal.SIGKILL, owner.stderr
    psutil.wait_procs([psutil.Process(pid) for pid in [int(owner.stdout)] if running(pid)], timeout=30)
    assert not running(int(owner.stdout))


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
def test_a_browser_that_does_not_start_says_why(tmp_path, monkeypatch):
    broken = tmp_path / "chromium"
    broken.write_text("#!/bin/sh\necho '[1:1:ERROR:x.cc(1)] no usable sandbox' >&2\nexit 1\n")
    broken.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    with pytest.raises(UnavailableError, match="does not open the page: no usable sandbox"):
        PageChannel("the page", tmp_path, 60)
