import os
import subprocess
import sys
from contextlib import contextmanager

import pytest
from lab4_file_systems import NO_LOCKS, poor_environment

from lab4.storage.locks import LockTimeoutError, locked, try_lock

HOLD = """
import sys
from pathlib import Path
from lab4.storage.locks import locked
with locked(Path(sys.argv[1]), limit_s=10):
    print("held", flush=True)
    sys.stdin.read()
"""
WAIT = """
import sys
from pathlib import Path
from lab4.storage.locks import locked, LockTimeoutError
try:
    with locked(Path(sys.argv[1]), limit_s=1.5, waiting=print):
        print("got it")
except LockTimeoutError as error:
    print(error)
"""


@contextmanager
def held(path, environment=None):
    """Another process that holds the lock."""
    command = [sys.executable, "-c", HOLD, str(path)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment, text=True
    ) as process:
        assert process.stdout.readline() == "held\n"
        yield process
        process.stdin.close()


def test_a_wait_says_whom_it_waits_for_and_ends_by_its_limit(tmp_path):
    heard = []
    with (
        held(tmp_path / "lock") as holder,
        pytest.raises(LockTimeoutError, match=rf"process {holder.pid} has held .*lock for 1\.5 s"),
        locked(tmp_path / "lock", limit_s=1.5, waiting=heard.append),
    ):
        pass
    assert [each.startswith(f"waiting for process {holder.pid}, which holds ") for each in heard] == [True]


@pytest.mark.parametrize("lacking", NO_LOCKS)
def test_so_it_does_where_marker_files_replace_locks(tmp_path, lacking):
    environment = poor_environment(lacking)
    with held(tmp_path / "lock", environment) as holder:
        answer = subprocess.run(
            [sys.executable, "-c", WAIT, str(tmp_path / "lock")],
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
    assert f"process {holder.pid} has held" in answer.stdout
    assert "got it" not in answer.stdout


@pytest.mark.parametrize("lacking", [{}, *NO_LOCKS])
def test_a_killed_holder_holds_nothing(tmp_path, lacking):
    environment = poor_environment(lacking)
    with held(tmp_path / "lock", environment) as holder:
        holder.kill()
        holder.wait()
    command = [sys.executable, "-c", WAIT, str(tmp_path / "lock")]
    assert "got it" in subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout


def test_a_lock_left_by_a_file_system_with_locks_blocks_no_marker(tmp_path):
    """The folder may be looked at from two hosts: one mounts it with locks, the other without."""
    with locked(tmp_path / "lock", limit_s=1):
        pass
    environment = poor_environment(NO_LOCKS[0])
    command = [sys.executable, "-c", WAIT, str(tmp_path / "lock")]
    assert "got it" in subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize("lacking", NO_LOCKS)
def test_a_marker_of_a_living_process_counts_where_there_are_locks(tmp_path, lacking):
    """One process may see a file system with locks, another the same one without."""
    with held(tmp_path / "lock", poor_environment(lacking)) as holder:
        assert try_lock(tmp_path / "lock") is None
        holder.kill()
        holder.wait()
    lock = try_lock(tmp_path / "lock")
    assert lock is not None
    lock.release()


TRY = """
import sys
from pathlib import Path
from lab4.storage.locks import try_lock
print(try_lock(Path(sys.argv[1])) is not None)
"""


@pytest.mark.parametrize("lacking", NO_LOCKS)
def test_a_lock_of_a_living_process_counts_where_there_are_none(tmp_path, lacking):
    def answer():
        command = [sys.executable, "-c", TRY, str(tmp_path / "lock")]
        environment = poor_environment(lacking)
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout

    with held(tmp_path / "lock") as holder:
        assert answer() == "False\n"
        holder.kill()
        holder.wait()
    assert answer() == "True\n"


@pytest.mark.parametrize("lacking", NO_LOCKS)
def test_a_lock_that_was_released_is_held_by_nobody_even_while_its_process_lives(tmp_path, lacking):
    with locked(tmp_path / "lock", limit_s=1):
        pass
    command = [sys.executable, "-c", TRY, str(tmp_path / "lock")]
    environment = poor_environment(lacking)
    answer = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert answer.stdout == "True\n"


@pytest.mark.parametrize("lacking", NO_LOCKS)
@pytest.mark.parametrize("holder_lacks", [True, False])
def test_a_wait_is_for_holders_of_both_kinds(tmp_path, lacking, holder_lacks):
    poor = poor_environment(lacking)
    first, second = (poor, None) if holder_lacks else (None, poor)
    command = [sys.executable, "-c", WAIT, str(tmp_path / "lock")]
    with held(tmp_path / "lock", first) as holder:
        answer = subprocess.run(command, env=second, capture_output=True, text=True, check=True)
        assert f"process {holder.pid} has held" in answer.stdout
        holder.kill()
        holder.wait()
    assert "got it" in subprocess.run(command, env=second, capture_output=True, text=True, check=True).stdout


def test_trying_does_not_wait(tmp_path):
    with held(tmp_path / "lock"):
        assert try_lock(tmp_path / "lock") is None
    lock = try_lock(tmp_path / "lock")
    assert lock is not None
    lock.release()


def test_a_missing_folder_is_the_systems_own_error(tmp_path):
    with pytest.raises(OSError, match=os.strerror(2)):
        try_lock(tmp_path / "nowhere" / "lock")
