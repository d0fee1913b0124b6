"""Several processes share one cache: one builds, the others wait; a killed one leaves nothing to be seen."""

import multiprocessing
import os
import signal
from contextlib import suppress

import pytest

from lab4.cache import Cache, content_key

CONTEXT = multiprocessing.get_context("spawn")
KEY = content_key({"model": "cnn"})


def ask_for_it(folder, number, ready, go):
    """Ask for the entry when all others do; a build leaves a file that bears this process's number."""

    def build(into):
        (folder / f"built-by-{number}").touch()
        (into / "model").write_bytes(bytes(1000))

    ready.put(number)
    go.wait()
    hit = Cache(folder / "kept").get_or_build(KEY, "model", "cnn", build)
    ready.put((hit.built, len((hit.path / "model").read_bytes())))


def build_without_end(folder, pipe):
    """Say that half of the build is done, then wait to be killed."""

    def build(into):
        (into / "half").write_text("half")
        pipe.send("building")
        with suppress(EOFError):
            pipe.recv()

    Cache(folder).get_or_build(KEY, "model", "cnn", build)


@pytest.fixture
def builder(tmp_path):
    """A process in the midst of a build in ``tmp_path``; killed at the end if it is still there."""
    ours, theirs = CONTEXT.Pipe()
    process = CONTEXT.Process(target=build_without_end, args=(tmp_path, theirs), daemon=True)
    process.start()
    theirs.close()
    assert ours.recv() == "building"
    yield process
    process.kill()
    process.join()
    ours.close()
    process.close()


def write(into):
    (into / "model").write_text("whole")


def test_processes_that_ask_for_one_key_build_it_once(tmp_path):
    number, answers, go = 4, CONTEXT.Queue(), CONTEXT.Event()
    processes = [
        CONTEXT.Process(target=ask_for_it, args=(tmp_path, each, answers, go), daemon=True) for each in range(number)
    ]
    for process in processes:
        process.start()
    assert {answers.get(timeout=300) for _ in processes} == set(range(number))
    go.set()
    answered = [answers.get(timeout=300) for _ in processes]
    for process in processes:
        process.join()
        process.close()
    answers.close()
    answers.join_thread()
    assert sorted(answered) == [(False, 1000)] * (number - 1) + [(True, 1000)]
    assert len(list(tmp_path.glob("built-by-*"))) == 1


def test_a_killed_builder_leaves_nothing_to_be_seen_and_the_next_sweeps(tmp_path, builder):
    cache = Cache(tmp_path)
    assert len(list((tmp_path / "building").iterdir())) == 1
    os.kill(builder.pid, signal.SIGKILL)
    builder.join()
    assert cache.list() == []
    hit = cache.get_or_build(KEY, "model", "cnn", write)
    assert hit.built
    assert sorted(path.name for path in hit.path.iterdir()) == ["manifest.json", "model"]
    assert list((tmp_path / "building").iterdir()) == []


def test_what_a_killed_builder_left_is_freed_by_clear(tmp_path, builder):
    os.kill(builder.pid, signal.SIGKILL)
    builder.join()
    assert Cache(tmp_path).clear() == len("half")
    assert list((tmp_path / "building").iterdir()) == []


def test_an_entry_that_another_process_builds_is_not_listed(tmp_path, builder):
    assert builder.is_alive()
    assert Cache(tmp_path).list() == []


def test_clear_skips_what_another_process_builds_and_frees_the_rest(tmp_path, builder):
    cache = Cache(tmp_path)
    cache.get_or_build(content_key({"model": "fcnn"}), "model", "fcnn", write)
    size = cache.list()[0].disk_bytes
    assert cache.clear() == size
    assert builder.is_alive()
    [left] = (tmp_path / "building").iterdir()
    assert (left / "half").read_text() == "half"
    assert cache.list() == []
