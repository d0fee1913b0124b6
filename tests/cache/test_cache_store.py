"""An entry is built once, found again, and gone without a trace when its build fails."""

import json

import pytest

from lab4.cache import Cache, content_key

KEY = content_key({"model": "cnn"})


@pytest.fixture
def cache(tmp_path):
    return Cache(tmp_path / "kept")


def writes(text):
    """A build of two files, one of them in a folder."""

    def build(into):
        (into / "model").write_text(text)
        (into / "saved").mkdir()
        (into / "saved" / "weights").write_text(text * 2)

    return build


def refuses(_into):
    raise AssertionError("built again")


def contents(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def everything_but_marks(cache):
    return [name for name in contents(cache.folder) if not name.startswith(("CACHEDIR.TAG", "locks/"))]


def test_an_entry_is_built_once_and_found_again(cache):
    first = cache.get_or_build(KEY, "model", "cnn", writes("a"))
    second = cache.get_or_build(KEY, "model", "cnn", refuses)
    assert (first.built, second.built) == (True, False)
    assert second.path == first.path
    assert contents(first.path) == ["manifest.json", "model", "saved/weights"]
    assert (first.repaired_reason, second.repaired_reason) == (None, None)


def test_a_later_process_finds_the_entry(cache):
    cache.get_or_build(KEY, "model", "cnn", writes("a"))
    assert not Cache(cache.folder).get_or_build(KEY, "model", "cnn", refuses).built


def test_entries_of_different_keys_do_not_touch(cache):
    other = content_key({"model": "fcnn"})
    first = cache.get_or_build(KEY, "model", "cnn", writes("a")).path
    second = cache.get_or_build(other, "model", "fcnn", writes("b")).path
    assert ((first / "model").read_text(), (second / "model").read_text()) == ("a", "b")


def test_nothing_is_made_before_it_is_used(cache):
    assert cache.list() == []
    assert cache.clear() == 0
    assert not cache.folder.exists()


@pytest.mark.parametrize(
    "error", [ValueError("no convergence"), FileNotFoundError("gone"), KeyboardInterrupt()], ids=repr
)
def test_what_a_build_raises_passes_through_and_leaves_nothing(cache, error):
    def build(into):
        writes("half")(into)
        raise error

    with pytest.raises(type(error)) as caught:
        cache.get_or_build(KEY, "model", "cnn", build)
    assert caught.value is error
    assert everything_but_marks(cache) == []
    assert list((cache.folder / "building").iterdir()) == []
    assert cache.get_or_build(KEY, "model", "cnn", writes("a")).built


def test_a_rebuild_swaps_the_entry(cache):
    old = cache.get_or_build(KEY, "model", "cnn", writes("old")).path
    hit = cache.get_or_build(KEY, "model", "cnn", writes("new"), rebuild=True)
    assert hit.built
    assert hit.repaired_reason is None
    assert hit.path == old
    assert (old / "model").read_text() == "new"
    assert list((cache.folder / "building").iterdir()) == []


def test_a_rebuild_that_fails_keeps_the_old_entry(cache):
    cache.get_or_build(KEY, "model", "cnn", writes("old"))
    with pytest.raises(AssertionError):
        cache.get_or_build(KEY, "model", "cnn", refuses, rebuild=True)
    hit = Cache(cache.folder).get_or_build(KEY, "model", "cnn", refuses)
    assert (hit.path / "model").read_text() == "old"


def test_the_old_entry_is_there_while_the_new_one_is_built(cache):
    entry = cache.get_or_build(KEY, "model", "cnn", writes("old")).path
    seen = []

    def build(into):
        seen.append((entry / "model").read_text())
        writes("new")(into)

    cache.get_or_build(KEY, "model", "cnn", build, rebuild=True)
    assert seen == ["old"]


def test_a_file_where_the_entry_belongs_is_replaced(cache):
    (cache.folder / "entries").mkdir(parents=True)
    (cache.folder / "entries" / KEY).write_text("not a folder")
    assert cache.get_or_build(KEY, "model", "cnn", writes("a")).built
    assert list((cache.folder / "building").iterdir()) == []


def test_entries_are_listed_with_what_they_take(cache):
    path = cache.get_or_build(KEY, "model", "cnn, 3 epochs", writes("a")).path
    [entry] = cache.list()
    assert (entry.key, entry.kind, entry.description) == (KEY, "model", "cnn, 3 epochs")
    assert entry.disk_bytes == sum((path / name).stat().st_size for name in contents(path))


def test_entries_are_listed_oldest_first(cache):
    for number, year in enumerate(("2026", "2024", "2025")):
        manifest = cache.get_or_build(content_key({"n": number}), "model", year, writes("a")).path / "manifest.json"
        manifest.write_text(json.dumps({**json.loads(manifest.read_text()), "created_at": year}))
    assert [entry.description for entry in cache.list()] == ["2024", "2025", "2026"]
