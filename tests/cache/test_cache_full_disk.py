"""A really full disk is told in one sentence and leaves no entry."""

import subprocess
import sys
from contextlib import suppress

import pytest

from lab4.cache import Cache, content_key
from lab4.domain.errors import CacheError

KEY = content_key({"model": "cnn"})

FULL = """
import sys
from pathlib import Path
from lab4.cache import Cache
def build(into):
    (into / "model").write_bytes(bytes(int(sys.argv[3])))
try:
    Cache(Path(sys.argv[1])).get_or_build(sys.argv[2], "model", "the cnn", build)
except BaseException as error:
    print(type(error).__name__, error)
"""


def fill(path):
    """Write the file until the disk is full."""
    with suppress(OSError), path.open("wb", buffering=0) as file:
        while file.write(bytes(4096)):
            pass


@pytest.fixture
def small_disk(tmp_path):
    """A real disk of one megabyte."""
    disk = tmp_path / "disk"
    disk.mkdir()
    try:
        done = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=1m,mode=700", "tmpfs", disk], capture_output=True, check=False
        )
    except OSError as error:
        pytest.skip(f"no disk of one megabyte can be mounted: {error}")
    if done.returncode:
        pytest.skip(f"no disk of one megabyte can be mounted: {done.stderr.decode().strip()}")
    yield disk
    subprocess.run(["umount", disk], check=True)


def build_in_a_process(folder, size):
    code = [sys.executable, "-c", FULL, str(folder), KEY, str(size)]
    return subprocess.run(code, capture_output=True, text=True, check=True).stdout


def files_in(folder):
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def test_a_build_that_fills_the_disk_is_one_sentence_and_leaves_no_entry(small_disk):
    folder = small_disk / "kept"
    assert build_in_a_process(folder, 5_000_000) == (
        f"CacheError the cnn could not be built in the cache {folder} (No space left on device); "
        "make room, or choose another folder with --lab4-cache DIR or LAB4_CACHE\n"
    )
    assert files_in(folder / "entries") + files_in(folder / "building") == []
    assert build_in_a_process(folder, 1000) == ""
    assert files_in(folder / "entries") == ["manifest.json", "model"]


def test_a_disk_that_has_no_room_for_the_manifest_leaves_no_entry(small_disk):
    def build(into):
        fill(into / "model")

    with pytest.raises(CacheError, match=r"No space left.*--lab4-cache"):
        Cache(small_disk).get_or_build(KEY, "model", "cnn", build)
    assert files_in(small_disk / "entries") + files_in(small_disk / "building") == []


def test_a_disk_that_was_full_at_the_first_use_can_be_used_when_it_has_room(small_disk):
    fill(small_disk / "ballast")
    cache = Cache(small_disk / "kept")
    with pytest.raises(CacheError, match=r"No space left.*--lab4-cache"):
        cache.check_writable(0)
    (small_disk / "ballast").unlink()
    cache.get_or_build(KEY, "model", "cnn", lambda into: (into / "model").touch())
    assert cache.clear() > 0


@pytest.mark.parametrize("words", ["WorkerError: OSError: [Errno 28] No space left on device", "Disk quota exceeded"])
def test_a_build_in_another_process_that_ran_out_of_space_is_told_as_that(tmp_path, words):
    def build(_into):
        raise RuntimeError(words)

    with pytest.raises(CacheError, match="make room, or choose another folder with --lab4-cache DIR"):
        Cache(tmp_path).get_or_build(KEY, "model", "cnn", build)
