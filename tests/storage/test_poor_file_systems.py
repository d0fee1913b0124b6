import subprocess
import sys

import pytest
from lab4_file_systems import NO_LINKS, NO_LOCKS, poor_environment

from lab4.storage.atomic import Abilities, abilities_of

CREATE = """
import sys
from pathlib import Path
from lab4.storage.atomic import create_first_free
for number in range(50):
    create_first_free(Path(sys.argv[1]), (f"{n}.json" for n in range(1, 1000)), f"{sys.argv[2]}-{number}".encode())
"""
LOCK = """
import sys, time
from pathlib import Path
from lab4.storage.locks import locked
counter = Path(sys.argv[1], "counter")
for _ in range(50):
    with locked(Path(sys.argv[1], "lock"), limit_s=600):
        counter.write_text(str(int(counter.read_text()) + 1))
"""


def together(code, folder, environment, processes=4):
    running = [
        subprocess.Popen([sys.executable, "-W", "error", "-c", code, str(folder), str(number)], env=environment)
        for number in range(processes)
    ]
    assert [process.wait(600) for process in running] == [0] * processes


def abilities_in(folder, environment):
    code = "import sys, pathlib; from lab4.storage.atomic import abilities_of as a; print(a(pathlib.Path(sys.argv[1])))"
    command = [sys.executable, "-W", "error", "-c", code, str(folder)]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout.strip()


def test_a_common_file_system_lacks_nothing(tmp_path):
    assert abilities_of(tmp_path) == Abilities(locks=True, links=True)
    assert abilities_of(tmp_path).lacking == ""
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("lacking", NO_LOCKS)
def test_what_a_file_system_lacks_is_found_out(tmp_path, lacking):
    assert abilities_in(tmp_path, poor_environment(lacking)) == "Abilities(locks=False, links=True)"
    assert abilities_in(tmp_path, poor_environment(NO_LINKS)) == "Abilities(locks=True, links=False)"


def test_the_sentence_names_what_is_lacking():
    assert "no file locks" in Abilities(locks=False, links=True).lacking
    assert "no hard links" in Abilities(locks=True, links=False).lacking


@pytest.mark.parametrize("lacking", [{}, NO_LINKS])
def test_writers_at_once_replace_nothing(tmp_path, lacking):
    together(CREATE, tmp_path, poor_environment(lacking))
    contents = {path.read_text() for path in tmp_path.glob("*.json")}
    assert contents == {f"{writer}-{number}" for writer in range(4) for number in range(50)}
    assert len(list(tmp_path.iterdir())) == 200  # no temporary file, no reservation


@pytest.mark.parametrize("lacking", [{}, *NO_LOCKS])
def test_a_lock_is_held_by_one_process_at_a_time(tmp_path, lacking):
    (tmp_path / "counter").write_text("0")
    together(LOCK, tmp_path, poor_environment(lacking))
    assert (tmp_path / "counter").read_text() == "200"
