"""The folder of the cache: where it is, what in it is ours, what is said when it cannot be used."""

from pathlib import Path

import pytest

from lab4.cache import Cache, content_key, default_folder
from lab4.domain.errors import CacheError

KEY = content_key({"model": "cnn"})


def build(into):
    (into / "model").write_bytes(bytes(1000))


def test_the_default_folder_is_the_one_of_the_environment(monkeypatch, tmp_path):
    monkeypatch.setenv("LAB4_CACHE", str(tmp_path / "kept"))
    assert default_folder() == tmp_path / "kept"


def test_the_environment_may_name_the_home_folder(monkeypatch):
    monkeypatch.setenv("LAB4_CACHE", "~/kept")
    assert default_folder() == Path.home() / "kept"


@pytest.mark.parametrize("value", [None, ""])
def test_without_the_environment_the_default_folder_is_the_systems(monkeypatch, value):
    if value is None:
        monkeypatch.delenv("LAB4_CACHE", raising=False)
    else:
        monkeypatch.setenv("LAB4_CACHE", value)
    assert default_folder().is_absolute()
    assert "lab4" in default_folder().parts


def test_clear_frees_what_it_says(tmp_path):
    cache = Cache(tmp_path)
    for number in range(3):
        cache.get_or_build(content_key({"n": number}), "model", "cnn", build)
    listed = sum(entry.disk_bytes for entry in cache.list())
    assert listed > 3000
    assert cache.clear() == listed
    assert cache.list() == []
    assert cache.clear() == 0


def test_what_was_cleared_is_built_again(tmp_path):
    cache = Cache(tmp_path)
    cache.get_or_build(KEY, "model", "cnn", build)
    cache.clear()
    assert cache.get_or_build(KEY, "model", "cnn", build).built


def tree(folder):
    return {path.relative_to(folder).as_posix(): path.is_file() and path.read_bytes() for path in folder.rglob("*")}


@pytest.mark.parametrize("tag", [None, "", "Signature: of another kind"])
def test_clear_refuses_a_folder_that_is_not_marked_as_a_cache(tmp_path, tag):
    (tmp_path / "entries" / KEY).mkdir(parents=True)
    (tmp_path / "entries" / KEY / "thesis").write_text("three years")
    if tag is not None:
        (tmp_path / "CACHEDIR.TAG").write_text(tag)
    before = tree(tmp_path)
    with pytest.raises(CacheError, match=r"not a cache of lab4.*nothing in it was removed"):
        Cache(tmp_path).clear()
    assert tree(tmp_path) == before


def test_clear_leaves_the_files_of_others_alone(tmp_path):
    cache = Cache(tmp_path / "kept")
    entry = cache.get_or_build(KEY, "model", "cnn", build).path
    strange = [cache.folder / "thesis", entry.parent / "notes", entry.parent / "photos" / "cat", tmp_path / "outside"]
    for path in strange:
        path.parent.mkdir(exist_ok=True)
        path.write_text("mine")
    (entry.parent / ("b" * 64)).symlink_to(tmp_path)
    cache.clear()
    assert [path.read_text() for path in strange] == ["mine"] * 4
    assert not entry.exists()


def test_a_cache_is_marked_so_that_backups_leave_it_out(tmp_path):
    Cache(tmp_path).check_writable(0)
    assert (tmp_path / "CACHEDIR.TAG").read_bytes().startswith(b"Signature: 8a477f597d28d172789f06886806bc55\n")


def test_checking_leaves_only_the_mark(tmp_path):
    Cache(tmp_path / "a" / "b").check_writable(1)
    assert [path.name for path in (tmp_path / "a" / "b").iterdir()] == ["CACHEDIR.TAG"]


USES = {
    "check": lambda cache: cache.check_writable(0),
    "build": lambda cache: cache.get_or_build(KEY, "model", "cnn", build),
}


@pytest.mark.parametrize("use", USES.values(), ids=USES)
@pytest.mark.parametrize("below", ["", "kept", "kept/deep"])
def test_a_folder_that_cannot_be_made_is_named_with_the_way_out(tmp_path, use, below):
    (tmp_path / "file").write_text("mine")
    folder = tmp_path / "file" / below
    with pytest.raises(CacheError) as caught:
        use(Cache(folder))
    assert str(folder) in str(caught.value)
    assert "--lab4-cache" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert (tmp_path / "file").read_text() == "mine"


@pytest.mark.parametrize("place", ["entries", "locks", "building"])
def test_a_file_in_the_way_of_a_folder_of_the_cache_is_told(tmp_path, place):
    (tmp_path / place).write_text("in the way")
    with pytest.raises(CacheError, match="--lab4-cache"):
        Cache(tmp_path).get_or_build(KEY, "model", "cnn", build)


def test_too_little_space_is_told_with_the_way_out(tmp_path):
    with pytest.raises(CacheError) as caught:
        Cache(tmp_path / "kept").check_writable(10**18)
    assert str(tmp_path / "kept") in str(caught.value)
    assert "MB free" in str(caught.value)
    assert "--lab4-cache" in str(caught.value)
