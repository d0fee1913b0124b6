"""A damaged entry is found by the next process, told, and built again."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab4.cache import Cache, content_key
from lab4.cache.manifest import read_manifest

KEY = content_key({"model": "cnn"})


def build(into):
    (into / "model").write_bytes(b"weights" * 100)
    (into / "notes").write_text("notes")


def flip(entry):
    data = bytearray((entry / "model").read_bytes())
    data[350] ^= 1
    (entry / "model").write_bytes(data)


def truncate(entry):
    (entry / "model").write_bytes((entry / "model").read_bytes()[:-1])


def retell(entry, **changes):
    manifest = json.loads((entry / "manifest.json").read_text())
    (entry / "manifest.json").write_text(json.dumps({**manifest, **changes}))


DAMAGES = {
    "a flipped bit": (flip, "model has changed"),
    "a truncated file": (truncate, "model has changed"),
    "a missing file": (lambda entry: (entry / "notes").unlink(), "notes is missing"),
    "an extra file": (lambda entry: (entry / "extra").touch(), "extra does not belong to it"),
    "no manifest": (lambda entry: (entry / "manifest.json").unlink(), "its manifest is missing or damaged"),
    "half a manifest": (
        lambda entry: (entry / "manifest.json").write_text((entry / "manifest.json").read_text()[:50]),
        "its manifest is missing or damaged",
    ),
    "a manifest of other files": (lambda entry: retell(entry, files={}), "model does not belong to it"),
}


@pytest.mark.parametrize(("harm", "reason"), DAMAGES.values(), ids=DAMAGES)
def test_damage_is_found_by_the_next_process_and_mended(tmp_path, harm, reason):
    whole = Cache(tmp_path).get_or_build(KEY, "model", "cnn", build).path
    harm(whole)
    hit = Cache(tmp_path).get_or_build(KEY, "model", "cnn", build)
    assert (hit.built, hit.repaired_reason) == (True, reason)
    assert (hit.path / "model").read_bytes() == b"weights" * 100
    again = Cache(tmp_path).get_or_build(KEY, "model", "cnn", build)
    assert (again.built, again.repaired_reason) == (False, None)


def test_checksums_are_compared_once_a_process(tmp_path):
    Cache(tmp_path).get_or_build(KEY, "model", "cnn", build)
    cache = Cache(tmp_path)
    flip(cache.get_or_build(KEY, "model", "cnn", build).path)
    assert not cache.get_or_build(KEY, "model", "cnn", build).built


def test_an_entry_removed_by_somebody_is_built_again(tmp_path):
    cache = Cache(tmp_path)
    cache.get_or_build(KEY, "model", "cnn", build)
    Cache(tmp_path).clear()
    hit = cache.get_or_build(KEY, "model", "cnn", build)
    assert (hit.built, hit.repaired_reason) == (True, None)


JUNK = st.binary(max_size=60) | st.sampled_from(
    [
        b"null",
        b"[]",
        b"{}",
        b"\xff",
        b"[" * 100_000,
        b'{"kind": "", "description": "", "created_at": "", "files": []}',
        b'{"kind": "", "description": "", "created_at": "", "files": {"a": 1}}',
        b'{"kind": "", "description": "", "created_at": "", "files": {"a": ["", 1e999]}}',
        b'{"kind": "", "description": "", "created_at": "", "files": {"a": ["", NaN]}}',
    ]
)


@given(JUNK)
def test_a_manifest_of_any_bytes_is_read_as_damaged(tmp_path_factory, junk):
    entry = tmp_path_factory.getbasetemp() / "entry"
    entry.mkdir(exist_ok=True)
    (entry / "manifest.json").write_bytes(junk)
    assert read_manifest(entry) is None


def test_a_damaged_entry_is_listed_as_damaged_beside_the_others(tmp_path):
    cache = Cache(tmp_path)
    cache.get_or_build(content_key({"model": "fcnn"}), "model", "fcnn", build)
    (cache.get_or_build(KEY, "model", "cnn", build).path / "manifest.json").write_text("{")
    assert [(entry.kind, entry.description) for entry in cache.list()] == [("damaged", ""), ("model", "fcnn")]


def test_files_of_others_are_not_listed(tmp_path):
    cache = Cache(tmp_path)
    path = cache.get_or_build(KEY, "model", "cnn", build).path
    (path.parent / "junk").touch()
    (path.parent / "photos").mkdir()
    (path.parent / ("a" * 64)).touch()
    assert [entry.key for entry in cache.list()] == [KEY]
