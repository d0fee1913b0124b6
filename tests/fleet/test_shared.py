"""Artifacts on their way between machines: the very same bytes, or an error."""

import zipfile

import pytest

from lab4.cache import Cache, content_key, digest_of
from lab4.domain.errors import CacheError
from lab4.fleet.artifacts import KeptArtifacts
from lab4.fleet.shared import SharedCache

pytest.importorskip("fsspec", reason="fsspec, of the extra fleet, is not installed")

KEY = content_key({"a": 1})


@pytest.fixture
def built(tmp_path):
    """A cache with an entry."""
    cache = Cache(tmp_path / "here")
    cache.get_or_build(KEY, "artifact", "a model", lambda into: (into / "model.onnx").write_bytes(b"weights"))
    return cache


def test_an_entry_is_the_same_in_another_cache(built, tmp_path):
    other = Cache(tmp_path / "there")
    other.put(KEY, built.packed(KEY))
    hit = other.get_or_build(KEY, "artifact", "a model", lambda _: pytest.fail("it is there"))
    assert (hit.path / "model.onnx").read_bytes() == b"weights"
    assert other.packed(KEY) == built.packed(KEY)


def test_an_entry_of_other_content_gives_way(built, tmp_path):
    other = Cache(tmp_path / "there")
    other.get_or_build(KEY, "artifact", "a model", lambda into: (into / "model.onnx").write_bytes(b"others"))
    other.put(KEY, built.packed(KEY))
    assert (tmp_path / "there" / "entries" / KEY / "model.onnx").read_bytes() == b"weights"


def test_bytes_that_changed_on_the_way_are_refused_and_leave_nothing(built, tmp_path):
    other = Cache(tmp_path / "there")
    packed = built.packed(KEY)
    for damaged in (packed.replace(b"weights", b"height!"), packed[:-30], b""):
        with pytest.raises(CacheError, match="damaged"):
            other.put(KEY, damaged)
    assert list((tmp_path / "there" / "entries").glob("*")) == []


def test_a_packed_entry_writes_nothing_outside_of_its_folder(built, tmp_path):
    path = tmp_path / "evil.zip"
    path.write_bytes(built.packed(KEY))
    with zipfile.ZipFile(path, "a") as file:
        file.writestr("../../../escaped", "x")
    with pytest.raises(CacheError, match="damaged"):
        Cache(tmp_path / "deep" / "there").put(KEY, path.read_bytes())
    assert list(tmp_path.rglob("escaped")) == []


def test_a_shared_cache_keeps_the_first_copy_whoever_comes_later(built, tmp_path):
    url = (tmp_path / "shared").as_uri()
    digest = SharedCache(url).keep(KEY, built.packed(KEY))
    assert digest == digest_of(built.packed(KEY))
    assert SharedCache(url).keep(KEY, b"another") == digest
    assert SharedCache(url).get(KEY, digest) == built.packed(KEY)
    assert len(list((tmp_path / "shared").iterdir())) == 1


def test_a_shared_entry_that_was_damaged_is_refused_and_then_written_anew(built, tmp_path):
    shared = SharedCache((tmp_path / "shared").as_uri())
    digest = shared.keep(KEY, built.packed(KEY))
    next((tmp_path / "shared").iterdir()).write_bytes(b"damaged")
    with pytest.raises(CacheError, match="has changed; remove that file"):
        shared.get(KEY, digest)
    assert shared.keep(KEY, built.packed(KEY)) == digest
    assert shared.get(KEY, digest) == built.packed(KEY)


def test_what_is_built_anew_takes_the_place_of_other_copies(tmp_path):
    shared = SharedCache((tmp_path / "shared").as_uri())
    for text in (b"first", b"second"):
        shared.put(KEY, text)
    digest = shared.replace(KEY, b"anew")
    assert [path.name for path in (tmp_path / "shared").iterdir()] == [f"{KEY}-{digest}.zip"]
    assert shared.keep(KEY, b"first") == digest


def test_what_a_driver_has_kept_is_whole_or_none_of_it(tmp_path):
    kept, digests = KeptArtifacts(tmp_path, None), {KEY: digest_of(b"entry")}
    assert kept.whole(digests) is None
    kept.keep({KEY: b"entry"})
    assert kept.whole(digests) == {KEY: b"entry"}
    (tmp_path / f"{KEY}.zip").write_bytes(b"damaged")
    assert kept.whole(digests) is None


def test_a_shared_cache_gets_what_only_the_driver_has_and_what_none_has_is_built_again(tmp_path):
    shared, digests = SharedCache((tmp_path / "shared").as_uri()), {KEY: digest_of(b"entry")}
    kept = KeptArtifacts(tmp_path / "driver", shared)
    assert kept.whole(digests) is None
    kept.keep({KEY: b"entry"})
    shared.put(KEY, b"another")
    assert kept.whole(digests) == {}
    assert shared.get(KEY, digests[KEY]) == b"entry"
    (tmp_path / "driver" / f"{KEY}.zip").unlink()
    assert kept.whole(digests) == {}
    (tmp_path / "shared" / f"{KEY}-{digests[KEY]}.zip").write_bytes(b"damaged")
    assert kept.whole(digests) is None


def test_a_shared_cache_that_is_none_says_so(tmp_path):
    with pytest.raises(CacheError, match="is not the URL of a shared cache"):
        SharedCache("nothing://there")
    with pytest.raises(CacheError, match=r"does not have .*run the same command again"):
        SharedCache(tmp_path.as_uri()).get(KEY, "00")


@pytest.mark.parametrize("written", ["shared", "../shared", "C:\\shared", "s3:bucket"])
def test_a_folder_of_each_node_is_no_shared_cache(written):
    with pytest.raises(CacheError, match="is not the URL of a shared cache; write file:///FOLDER"):
        SharedCache(written)
