"""What is not the cache's is never taken for it, and what killed processes left does not stay."""

import multiprocessing
import os
import re
import signal

import pytest

from lab4.cache import Cache, content_key
from lab4.domain.errors import CacheError

KEY = content_key({"model": "cnn"})
OTHER = content_key({"model": "fcnn"})
SPAWN = multiprocessing.get_context("spawn")
#: Seconds before a test gives up on another process, not how long it takes.
PATIENCE_S = 300


def build(into):
    (into / "model").write_bytes(b"weights")


def get(cache, key=KEY, builder=build):
    return cache.get_or_build(key, "model", "cnn", builder)


@pytest.mark.parametrize("use", [get, lambda cache: cache.check_writable(0)], ids=["build", "check"])
def test_a_folder_with_files_of_the_users_is_not_made_a_cache(tmp_path, use):
    """Marked as a cache, they would be left out of backups."""
    (tmp_path / "thesis").write_text("three years")
    with pytest.raises(CacheError, match=r"holds other files.*--lab4-cache DIR"):
        use(Cache(tmp_path))
    assert [path.name for path in tmp_path.iterdir()] == ["thesis"]


def test_files_put_into_a_cache_later_do_not_stop_it(tmp_path):
    get(Cache(tmp_path))
    (tmp_path / "notes").write_text("mine")
    assert not get(Cache(tmp_path)).built


def test_a_folder_that_another_process_is_just_making_is_a_cache(tmp_path):
    (tmp_path / "locks").mkdir()
    (tmp_path / "CACHEDIR.TAG").touch()
    assert get(Cache(tmp_path)).built
    assert (tmp_path / "CACHEDIR.TAG").read_text().startswith("Signature: ")


def test_an_empty_folder_has_nothing_to_clear(tmp_path):
    assert Cache(tmp_path).clear() == 0
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("key", ["../../outside", "", "a" * 63, "A" * 64, "cnn"])
def test_only_a_content_key_names_an_entry(tmp_path, key):
    with pytest.raises(CacheError, match=re.escape(repr(key))):
        get(Cache(tmp_path / "kept"), key)
    assert list(tmp_path.iterdir()) == []


def test_a_build_cannot_pass_off_a_manifest_of_its_own(tmp_path):
    with pytest.raises(CacheError, match=r"manifest\.json"):
        get(Cache(tmp_path), builder=lambda into: (into / "manifest.json").write_text("{}"))
    assert Cache(tmp_path).list() == []


def test_a_link_is_not_kept_since_its_content_lies_outside(tmp_path):
    with pytest.raises(CacheError, match="the link current"):
        get(Cache(tmp_path), builder=lambda into: (into / "current").symlink_to(tmp_path / "outside"))
    assert Cache(tmp_path).list() == []


def test_a_file_in_the_place_of_an_entry_is_told_and_replaced(tmp_path):
    (tmp_path / "entries").mkdir()
    (tmp_path / "entries" / KEY).write_text("not a folder")
    assert get(Cache(tmp_path)).repaired_reason == "it is not a folder"
    assert not get(Cache(tmp_path)).built


def _stay_in_a_build(folder, pipe):
    def slow(into):
        (into / "model").write_bytes(b"half")
        pipe.send("building")
        pipe.recv()

    get(Cache(folder), builder=slow)


@pytest.fixture
def builder(tmp_path):
    """A process in the middle of a build, and the pipe that lets it go on."""
    ours, theirs = SPAWN.Pipe()
    process = SPAWN.Process(target=_stay_in_a_build, args=(tmp_path, theirs))
    process.start()
    theirs.close()
    assert ours.poll(PATIENCE_S)
    assert ours.recv() == "building"
    yield process, ours
    ours.close()
    process.kill()
    process.join()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
def test_what_a_killed_builder_left_goes_with_the_build_of_any_other_entry(tmp_path, builder):
    process, _ = builder
    os.kill(process.pid, signal.SIGKILL)
    process.join(PATIENCE_S)
    assert len(list((tmp_path / "building").iterdir())) == 1
    get(Cache(tmp_path), OTHER)
    assert list((tmp_path / "building").iterdir()) == []


def test_what_a_living_builder_builds_outlives_other_builds_and_a_clear(tmp_path, builder):
    process, pipe = builder
    get(Cache(tmp_path), OTHER)
    assert Cache(tmp_path).clear() > 0
    pipe.send("go on")
    process.join(PATIENCE_S)
    assert process.exitcode == 0
    assert [entry.key for entry in Cache(tmp_path).list()] == [KEY]
    assert not get(Cache(tmp_path)).built
