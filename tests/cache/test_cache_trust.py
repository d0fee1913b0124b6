"""A cache that another user owns or may write is refused: its models would run that user's code as this one."""

import json
import os
import stat
from hashlib import sha256

import pytest
from lab4_other_user import OTHER, as_other_user, folder_for_others

from lab4.cache import Cache, content_key
from lab4.domain.errors import CacheError

pytestmark = pytest.mark.skipif(not hasattr(os, "geteuid"), reason="Windows has a folder for each user")

KEY = content_key({"model": "cnn"})
PLACES = ["", "entries", "locks", "building", f"entries/{KEY}", f"entries/{KEY}/model", f"entries/{KEY}/deep/weights"]
USES = {
    "check": lambda cache: cache.check_writable(0),
    "build": lambda cache: cache.get_or_build(KEY, "model", "cnn", build),
    "list": lambda cache: cache.list(),
    "clear": lambda cache: cache.clear(),
}


def build(into):
    (into / "model").write_bytes(b"weights")
    (into / "deep").mkdir()
    (into / "deep" / "weights").write_bytes(b"more weights")


@pytest.fixture
def folder(tmp_path):
    """A cache with an entry."""
    Cache(tmp_path / "kept").get_or_build(KEY, "model", "cnn", build)
    return tmp_path / "kept"


def refused(cache, use, *words):
    with pytest.raises(CacheError) as caught:
        use(cache)
    text = str(caught.value)
    assert "\n" not in text
    for word in (str(cache.folder), "is not used", "--lab4-cache DIR or LAB4_CACHE", *words):
        assert word in text


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("mode", [stat.S_IWGRP, stat.S_IWOTH])
def test_what_others_may_write_is_refused(folder, place, mode):
    path = folder / place
    path.chmod(stat.S_IMODE(path.stat().st_mode) | mode)
    refused(Cache(folder), USES["build"], f"other users may write to {path} ", f"chmod -R go-w {folder}")


@pytest.mark.parametrize("place", PLACES)
def test_what_another_user_owns_is_refused(folder, place):
    if os.geteuid() != 0:
        pytest.skip("only root can give a file away")
    os.chown(folder / place, OTHER, OTHER)
    refused(Cache(folder), USES["build"], f"user {OTHER} owns {folder / place} ")


@pytest.mark.parametrize("use", USES.values(), ids=USES)
def test_every_use_is_refused(folder, use):
    folder.chmod(0o777)
    refused(Cache(folder), use, "other users may write")


def _attack(folder):
    """Replace a model, and rewrite the manifest, in a folder that all may write."""
    os.umask(0)
    entry = Cache(folder).get_or_build(KEY, "model", "cnn", build).path
    (entry / "model").write_bytes(b"malicious")
    manifest = json.loads((entry / "manifest.json").read_text())
    manifest["files"]["model"] = [sha256(b"malicious").hexdigest(), len(b"malicious")]
    (entry / "manifest.json").write_text(json.dumps(manifest))
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o777)


def test_what_another_user_has_put_there_is_not_used():
    with folder_for_others() as top:
        top.chmod(0o777)
        folder = top / "kept"
        assert as_other_user(lambda: _attack(folder)) is None
        refused(Cache(folder), USES["build"], f"user {OTHER} owns {folder} ")
        # Nor is it when the folder itself was taken over, as one may do who is refused.
        os.chown(folder, 0, 0)
        folder.chmod(0o755)
        refused(Cache(folder), USES["build"], f"user {OTHER} owns {folder / 'entries'} ")


def test_so_it_is_for_another_user_than_root():
    with folder_for_others() as top:
        top.chmod(0o777)
        folder = top / "kept"
        assert as_other_user(lambda: _attack(folder)) is None
        error = as_other_user(lambda: USES["build"](Cache(folder)))
        assert f"other users may write to {folder} " in str(error)


def test_the_remedy_is_one(folder):
    folder.chmod(0o777)
    refused(Cache(folder), USES["build"])
    folder.chmod(0o755)
    assert not USES["build"](Cache(folder)).built


@pytest.mark.parametrize("umask", [0o000, 0o002, 0o022, 0o077])
def test_whatever_the_umask_is_nobody_else_may_enter_what_is_made(tmp_path, umask):
    before = os.umask(umask)
    try:
        hit = Cache(tmp_path / "new" / "kept").get_or_build(KEY, "model", "cnn", build)
    finally:
        os.umask(before)
    for path in (hit.path, *hit.path.rglob("*")):
        assert not path.stat().st_mode & 0o022, path
    for path in ("new", "new/kept", "new/kept/entries", "new/kept/locks", "new/kept/building"):
        assert stat.S_IMODE((tmp_path / path).stat().st_mode) == 0o700
    assert stat.S_IMODE(hit.path.stat().st_mode) == 0o700
    assert not USES["build"](Cache(tmp_path / "new" / "kept")).built


def test_the_probe_writes_through_no_link(folder, tmp_path):
    precious = tmp_path / "precious"
    precious.write_text("mine")
    for name in (f".probe-{os.getpid()}", ".probe"):
        (folder / name).symlink_to(precious)
    Cache(folder).check_writable(0)
    assert precious.read_text() == "mine"


def test_nor_does_the_mark(tmp_path):
    precious = tmp_path / "precious"
    precious.write_text("mine")
    folder = tmp_path / "kept"
    folder.mkdir(mode=0o700)
    (folder / "CACHEDIR.TAG").symlink_to(precious)
    with pytest.raises(CacheError, match="cannot be used"):
        Cache(folder).check_writable(0)
    assert precious.read_text() == "mine"
