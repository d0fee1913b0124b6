"""A generated folder is whole or as it was, and nothing of anybody else's is replaced."""

import os
import signal
import subprocess
import sys

import pytest

from lab4.domain.errors import Lab4Error, OutputError
from lab4.storage import generated
from lab4.storage.generated import generate_folder

MARKER = ".marker"


def content(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def generate(place, *files):
    return generate_folder(place, files, MARKER)


def test_files_are_written_with_their_folders_and_counted(tmp_path):
    assert generate(tmp_path / "new" / "site", ("a.html", b"12"), ("cell/b.html", b"345")) == 5
    found = content(tmp_path / "new" / "site")
    assert found.pop(MARKER)
    assert found == {"a.html": b"12", "cell/b.html": b"345"}


@pytest.mark.parametrize("in_one_step", [True, False])
def test_a_second_build_replaces_the_first_and_leaves_nothing_of_it(tmp_path, monkeypatch, in_one_step):
    if not in_one_step:
        monkeypatch.setattr(generated, "_exchanged", lambda *_: False)
    place = tmp_path / "site"
    generate(place, ("a.html", b"1"), ("old.html", b"2"))
    generate(place, ("a.html", b"3"))
    assert set(content(place)) == {"a.html", MARKER}
    assert (place / "a.html").read_bytes() == b"3"
    assert [path.name for path in tmp_path.iterdir()] == ["site"]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux exchanges names in one step")
def test_names_change_places_in_one_step(tmp_path):
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
        (tmp_path / name / name).touch()
    if not generated._exchanged(tmp_path / "one", tmp_path / "other"):
        pytest.skip("this file system cannot exchange names")
    assert (tmp_path / "one" / "other").exists()


def test_an_empty_folder_is_filled(tmp_path):
    (tmp_path / "site").mkdir()
    generate(tmp_path / "site", ("a.html", b"1"))
    assert (tmp_path / "site" / "a.html").exists()


@pytest.mark.parametrize("name", ["mine.txt", "deep/er/mine.txt", ".git"])
def test_a_folder_with_a_file_of_somebody_is_refused_and_left(tmp_path, name):
    place = tmp_path / "site"
    generate(place, ("a.html", b"1"))
    (place / name).parent.mkdir(parents=True, exist_ok=True)
    (place / name).write_text("precious")
    before = content(place)
    with pytest.raises(OutputError, match="has files of something else"):
        generate(place, ("a.html", b"2"))
    assert content(place) == before


def test_a_marker_that_is_no_list_makes_no_folder_ours(tmp_path):
    for number, text in enumerate((b"", b"[]", b'{"files": 3}', b'{"files": [1]}', b"\xff", b"[" * 100_000)):
        place = tmp_path / str(number)
        place.mkdir()
        (place / MARKER).write_bytes(text)
        (place / "a.html").touch()
        with pytest.raises(OutputError, match="something else"):
            generate(place, ("a.html", b"2"))


def test_a_link_in_the_folder_is_somebodys_and_its_target_is_not_touched(tmp_path):
    (tmp_path / "other").mkdir()
    place = tmp_path / "site"
    generate(place, ("a.html", b"1"))
    (place / "link").symlink_to(tmp_path / "other", target_is_directory=True)
    with pytest.raises(OutputError, match="link"):
        generate(place, ("a.html", b"2"))


def test_a_link_to_a_site_stays_a_link(tmp_path):
    generate(tmp_path / "real", ("a.html", b"1"))
    (tmp_path / "link").symlink_to("real", target_is_directory=True)
    generate(tmp_path / "link", ("a.html", b"2"))
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real" / "a.html").read_bytes() == b"2"


def test_a_file_is_no_folder(tmp_path):
    (tmp_path / "site").write_text("text")
    with pytest.raises(OutputError, match="is not a folder"):
        generate(tmp_path / "site", ("a.html", b"1"))
    assert (tmp_path / "site").read_text() == "text"


@pytest.mark.parametrize("name", ["../a.html", "/a.html", "cell/../../a.html", ""])
def test_no_file_leaves_the_folder(tmp_path, name):
    with pytest.raises(OutputError, match="is not a file in a folder"):
        generate(tmp_path / "site", (name, b"1"))
    assert list(tmp_path.iterdir()) == []


def test_two_files_of_one_name_are_refused(tmp_path):
    with pytest.raises(OutputError):
        generate(tmp_path / "site", ("a.html", b"1"), ("a.html", b"2"))
    assert list(tmp_path.iterdir()) == []


def test_a_page_that_cannot_be_made_leaves_the_old_site(tmp_path):
    def files():
        yield "a.html", b"2"
        raise Lab4Error("the history went away")

    place = tmp_path / "site"
    generate(place, ("a.html", b"1"))
    with pytest.raises(Lab4Error, match="went away"):
        generate_folder(place, files(), MARKER)
    assert (place / "a.html").read_bytes() == b"1"
    assert [path.name for path in tmp_path.iterdir()] == ["site"]


def test_a_rename_that_fails_brings_the_old_site_back(tmp_path, monkeypatch):
    place = tmp_path / "site"
    generate(place, ("a.html", b"1"))
    monkeypatch.setattr(generated, "_exchanged", lambda *_: False)
    rename = generated.Path.rename

    def failing(self, target):
        if self.name == "new":
            raise OSError(28, "No space left on device")
        return rename(self, target)

    monkeypatch.setattr(generated.Path, "rename", failing)
    with pytest.raises(OutputError, match="No space left"):
        generate(place, ("a.html", b"2"))
    assert (place / "a.html").read_bytes() == b"1"


KILLED = """
import os, signal, sys
from pathlib import Path
from lab4.storage.generated import generate_folder

def files():
    yield "a.html", b"2"
    print("begun", flush=True)
    signal.pause()

generate_folder(Path(sys.argv[1]), files(), ".marker")
"""


@pytest.mark.skipif(sys.platform == "win32", reason="signals of Unix")
def test_a_build_that_is_killed_leaves_the_old_site_and_the_next_removes_what_it_left(tmp_path):
    place = tmp_path / "site"
    generate(place, ("a.html", b"1"))
    with subprocess.Popen([sys.executable, "-c", KILLED, place], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "begun\n"
        os.kill(process.pid, signal.SIGKILL)
    assert content(place)["a.html"] == b"1"
    assert len(list(tmp_path.iterdir())) == 2
    generate(place, ("a.html", b"3"))
    assert [path.name for path in tmp_path.iterdir()] == ["site"]
    assert content(place)["a.html"] == b"3"


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
def test_a_place_that_cannot_be_written_is_named(tmp_path):
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(OutputError, match=str(tmp_path)):
            generate(tmp_path / "site", ("a.html", b"1"))
    finally:
        tmp_path.chmod(0o700)
