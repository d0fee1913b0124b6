"""Whom a build waits for, how long, and on file systems without locks."""

import multiprocessing
import os
import signal
import subprocess
import sys

import pytest
from lab4_file_systems import NO_LOCKS, poor_environment

from lab4.cache import Cache, content_key
from lab4.domain.errors import CacheError

SPAWN = multiprocessing.get_context("spawn")
KEY = content_key({"model": "cnn"})
#: Seconds before a test gives up on another process, not how long it takes.
LIMIT_S = 300

GET = """
import sys
from pathlib import Path
from lab4.cache import Cache
def build(into):
    (into / "model").write_bytes(b"weights")
cache = Cache(Path(sys.argv[1]), 1.5, print)
print(cache.check_writable(0))
print(cache.get_or_build(sys.argv[2], "model", "cnn", build).built)
print(cache.clear() > 0)
"""


def write(into):
    (into / "model").write_bytes(b"weights")


def stay_in_a_build(folder, pipe):
    def slow(into):
        write(into)
        pipe.send("building")
        pipe.recv()

    Cache(folder).get_or_build(KEY, "model", "cnn", slow)


@pytest.fixture
def stopped(tmp_path):
    """The process id of a builder that was stopped in the middle of a build."""
    ours, theirs = SPAWN.Pipe()
    process = SPAWN.Process(target=stay_in_a_build, args=(tmp_path, theirs), daemon=True)
    process.start()
    theirs.close()
    assert ours.poll(LIMIT_S)
    os.kill(process.pid, signal.SIGSTOP)
    yield process.pid
    process.kill()
    process.join()
    ours.close()


def test_a_stopped_builder_is_named_and_waited_for_no_longer_than_the_limit(tmp_path, stopped):
    heard = []
    with pytest.raises(CacheError) as caught:
        Cache(tmp_path, 1.2, heard.append).get_or_build(KEY, "model", "cnn", write)
    assert str(caught.value).startswith(f"process {stopped} has held ")
    assert "for 1.2 s; end that process, or choose another folder with --lab4-cache" in str(caught.value)
    assert [sentence.partition(",")[0] for sentence in heard] == [f"waiting for process {stopped}"]


def test_a_wait_that_is_ended_takes_no_longer(tmp_path, stopped):
    cache = Cache(tmp_path, LIMIT_S, lambda _: cache.end_waits())
    with pytest.raises(CacheError, match=f"^process {stopped} holds "):
        cache.get_or_build(KEY, "model", "cnn", write)
    with pytest.raises(CacheError, match=f"^process {stopped} holds "):
        cache.get_or_build(KEY, "model", "cnn", write)


def test_what_a_build_raises_is_not_taken_for_the_lock(tmp_path):
    def build(_into):
        raise OSError("of the build")

    with pytest.raises(OSError, match="of the build"):
        Cache(tmp_path).get_or_build(KEY, "model", "cnn", build)


@pytest.mark.parametrize("lacking", NO_LOCKS)
@pytest.mark.parametrize("made_with_locks", [True, False])
def test_a_file_system_without_locks_is_told_once_and_does(tmp_path, lacking, made_with_locks):
    if made_with_locks:
        Cache(tmp_path).get_or_build(KEY, "model", "cnn", write)
    answer = subprocess.run(
        [sys.executable, "-W", "error", "-c", GET, str(tmp_path), KEY],
        env=poor_environment(lacking),
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.stderr == ""
    said, built, cleared = answer.stdout.splitlines()
    assert said == f"('the file system has no file locks (marker files replace them): {tmp_path}',)"
    assert (built, cleared) == (str(not made_with_locks), "True")


def test_of_a_common_file_system_nothing_is_told(tmp_path):
    assert Cache(tmp_path).check_writable(0) == ()
