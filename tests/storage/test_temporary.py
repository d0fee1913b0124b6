import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from lab4.domain.errors import OutputError
from lab4.storage.folders import TemporaryFolder, remove_abandoned

MAKE = """
import sys
from lab4.storage.folders import TemporaryFolder
folder = TemporaryFolder("test")
print(folder.path, flush=True)
sys.stdin.read()
"""


@pytest.fixture(autouse=True)
def _own_temporary_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)


def made_by_another():
    process = subprocess.Popen([sys.executable, "-c", MAKE], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    return process, process.stdout.readline().strip()


def test_the_folder_is_gone_afterwards(tmp_path):
    with TemporaryFolder("test") as path:
        assert path.parent == tmp_path
        assert path.name.startswith("lab4-test-")
        (path / "file").touch()
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_process_left_is_removed_by_the_next(tmp_path):
    process, path = made_by_another()
    remove_abandoned()
    assert Path(path).is_dir()  # its owner lives
    process.kill()
    process.communicate()
    with TemporaryFolder("test") as own:
        assert [each.name for each in tmp_path.iterdir()] == [own.name]


def test_folders_of_others_with_such_a_name_stay(tmp_path):
    (tmp_path / "lab4-notes").mkdir()
    remove_abandoned()
    assert (tmp_path / "lab4-notes").is_dir()


def test_where_none_can_be_made_it_is_one_sentence(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "nowhere"))
    with pytest.raises(OutputError, match="no temporary folder can be made: No such file"):
        TemporaryFolder("test")
