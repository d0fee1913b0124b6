import errno
import os
import re
from functools import partial
from pathlib import Path

import pytest

from lab4.domain.errors import OutputError
from lab4.storage.atomic import set_aside, write_atomically

WRITERS = pytest.mark.parametrize(
    "write", [write_atomically, partial(write_atomically, keep_earlier=True)], ids=["replacing", "keeping earlier"]
)


def content(folder):
    return sorted(path.name for path in folder.iterdir())


@WRITERS
def test_a_file_is_written_with_its_folders(tmp_path, write):
    path = tmp_path / "a" / "b" / "run.json"
    write(path, b"new")
    assert path.read_bytes() == b"new"
    assert content(path.parent) == ["run.json"]


@WRITERS
@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EACCES])
def test_a_failure_leaves_the_old_content_and_no_temporary_file(tmp_path, monkeypatch, write, number):
    path = tmp_path / "run.json"
    path.write_bytes(b"old")

    def full(_):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OutputError, match=re.escape(f"cannot write {path}: {os.strerror(number)}")):
        write(path, b"new")
    assert path.read_bytes() == b"old"
    assert content(tmp_path) == ["run.json"]


@WRITERS
def test_a_crash_between_leaves_no_temporary_file(tmp_path, monkeypatch, write):
    def interrupted(_):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write(tmp_path / "run.json", b"new")
    assert content(tmp_path) == []


@WRITERS
def test_a_folder_or_an_impossible_path_is_refused(tmp_path, write):
    with pytest.raises(OutputError, match="a folder of this name"):
        write(tmp_path, b"new")
    with pytest.raises(OutputError, match="null"):
        write(tmp_path / "a\0b", b"new")


@WRITERS
@pytest.mark.parametrize("there", [True, False])
def test_a_link_stays_one_and_its_target_is_written(tmp_path, there, write):
    target = tmp_path / "far" / "gate.json"
    target.parent.mkdir()
    if there:
        target.write_bytes(b"old")
    link = tmp_path / "gate.json"
    link.symlink_to(Path("far", "gate.json"))
    write(link, b"new")
    assert link.is_symlink()
    assert target.read_bytes() == b"new"
    assert "gate.json" in content(target.parent)
    assert content(tmp_path) == ["far", "gate.json"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="only POSIX has named pipes")
def test_a_pipe_is_written_into(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        write_atomically(pipe, b"new")
        assert os.read(reader, 10) == b"new"
    finally:
        os.close(reader)
    assert pipe.is_fifo()
    assert content(tmp_path) == ["pipe"]


@pytest.mark.skipif(os.name != "posix", reason="only POSIX has a umask")
def test_a_file_has_the_permissions_of_any_new_file(tmp_path):
    (tmp_path / "plain").touch()
    write_atomically(tmp_path / "ours", b"")
    assert (tmp_path / "ours").stat().st_mode == (tmp_path / "plain").stat().st_mode


def test_other_content_is_moved_to_earlier_under_its_own_time(tmp_path):
    path = tmp_path / "run.json"
    path.write_bytes(b"old")
    os.utime(path, (1_700_000_000, 1_700_000_000))
    write_atomically(path, b"new", keep_earlier=True)
    assert path.read_bytes() == b"new"
    assert (tmp_path / "earlier" / "run-20231114T221320.json").read_bytes() == b"old"


def test_nothing_is_ever_lost_even_within_a_second(tmp_path):
    path = tmp_path / "run.json"
    for number in range(4):
        write_atomically(path, b"%d" % number, keep_earlier=True)
        os.utime(path, (1_700_000_000, 1_700_000_000))
    kept = {each.name: each.read_bytes() for each in (tmp_path / "earlier").iterdir()}
    assert kept == {
        "run-20231114T221320.json": b"0",
        "run-20231114T221320-2.json": b"1",
        "run-20231114T221320-3.json": b"2",
    }


def test_the_same_content_is_left_alone(tmp_path):
    path = tmp_path / "run.json"
    write_atomically(path, b"same", keep_earlier=True)
    os.utime(path, (1_700_000_000, 1_700_000_000))
    write_atomically(path, b"same", keep_earlier=True)
    assert path.stat().st_mtime == 1_700_000_000
    assert content(tmp_path) == ["run.json"]


def test_setting_aside_says_where_and_nothing_where_there_was_nothing(tmp_path):
    path = tmp_path / "journal.jsonl"
    assert set_aside(path) is None
    path.write_bytes(b"old")
    place = set_aside(path)
    assert place.parent == tmp_path / "earlier"
    assert place.read_bytes() == b"old"
    assert not path.exists()


def test_a_file_that_cannot_be_set_aside_stays_and_leaves_no_placeholder(tmp_path, monkeypatch):
    path = tmp_path / "run.json"
    path.write_bytes(b"old")

    def refused(*_):
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(type(path), "replace", refused)
    with pytest.raises(OutputError, match="Permission denied"):
        set_aside(path)
    assert path.read_bytes() == b"old"
    assert content(tmp_path / "earlier") == []
