"""What a run that was killed leaves behind is removed by the next."""

import os
import select
import subprocess
import sys
import tempfile

import pytest

from lab4.bench.python_host import Processes

#: Seconds before a test gives up on another process, not how long it takes.
LIMIT_S = 300

RUN = """
import os, signal
from lab4.bench.python_host import Processes
if __name__ == "__main__":
    processes = Processes(300)
    worker = processes.of("litert")
    print(worker.call(os.getpid), flush=True)
    worker.call(signal.pause)
"""


@pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="waits for a process that is no child")
def test_a_killed_run_leaves_no_process_and_no_folder_to_the_next(tmp_path, monkeypatch):
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    monkeypatch.setattr(tempfile, "tempdir", None)
    script = tmp_path / "run.py"
    script.write_text(RUN)
    with subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE, text=True) as run:
        worker = os.pidfd_open(int(run.stdout.readline()))
        run.kill()
    poll = select.poll()
    poll.register(worker, select.POLLIN)
    assert poll.poll(LIMIT_S * 1000)
    os.close(worker)
    (left,) = temporary.iterdir()
    assert (left / "litert.log").exists()
    processes = Processes(LIMIT_S)
    folder = processes.folder
    assert list(temporary.iterdir()) == [folder]
    processes.close()
    assert list(temporary.iterdir()) == []
