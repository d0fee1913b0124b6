"""What a person sees of a real run: in a terminal a display, in a pipe a line now and then; neither where it is off."""

import os
import pty
import re
import subprocess
import sys

import pytest
from lab4_signalled import piped_environment
from lab4_small_models import UNPRINTED

CELLS = ("benchmarks", "--lab4-profile", "quick", "--lab4-devices", "cpu", "--lab4-batch-sizes", "1")
FEW = (*CELLS, "--lab4-models", "fcnn", "--lab4-formats", "onnx,tflite_int8", "--lab4-techniques", "finetuned")
#: What takes no TensorFlow: it shows all but what is examined.
TIMED = ("-m", "inference", "--lab4-resources", "counters", "--lab4-report", UNPRINTED)
EXAMINED = ("-m", "inference or quantization")
ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
COLOURS = re.compile(r"\x1b\[(?:[0-9;]*;)?[349][0-7]m")


@pytest.fixture
def command(pytestconfig, shared_cache, tmp_path):
    def make(*more):
        words = [
            sys.executable,
            "-m",
            "pytest",
            *FEW,
            "--lab4-cache",
            str(shared_cache),
            "--lab4-output",
            str(tmp_path),
        ]
        return {"args": [*words, "-p", "no:cacheprovider", *more], "cwd": pytestconfig.rootpath}

    return make


def in_a_terminal(command, columns, *, coloured=True):
    """What a run writes to a terminal of so many columns, and how it ends."""
    ours, theirs = pty.openpty()
    environment = {**piped_environment(), "TERM": "xterm", "COLUMNS": str(columns), "LINES": "30"}
    for name in ("CI", "NO_COLOR", "FORCE_COLOR", "PY_COLORS"):
        environment.pop(name, None)
    if not coloured:
        environment["NO_COLOR"] = "1"
    with subprocess.Popen(**command, stdin=theirs, stdout=theirs, stderr=theirs, env=environment) as process:
        os.close(theirs)
        written = []
        while True:
            try:
                chunk = os.read(ours, 65536)
            except OSError:  # Linux says so where the other end is closed
                break
            if not chunk:
                break
            written.append(chunk)
        code = process.wait()
    os.close(ours)
    return b"".join(written).decode("utf-8", "replace"), code


@pytest.mark.parametrize(("columns", "cells", "coloured"), [(100, EXAMINED, True), (40, TIMED, False)])
def test_a_terminal_has_a_display_that_is_redrawn_and_never_wrapped(command, columns, cells, coloured):
    text, code = in_a_terminal(command(*cells), columns, coloured=coloured)
    assert code == 0, text
    assert bool(COLOURS.search(text)) is coloured
    plain = [line.rstrip() for line in re.split(r"[\r\n]", ESCAPES.sub("", text))]
    shown = [
        line for line in plain if " of " in line and ("measuring" in line or "examining" in line or "loading" in line)
    ]
    assert shown, text
    assert max(map(len, shown)) <= columns
    assert "\x1b[" in text
    # One drawing is over the other: in a pipe there would be a line for each.
    assert text.count("\x1b[1A") >= 1
    assert "FAILED" not in text


def test_a_pipe_has_lines_with_their_time_and_no_escapes(command):
    done = subprocess.run(**command(*TIMED), env=piped_environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert "\x1b" not in done.stdout
    lines = re.findall(r"^lab4: \[(\d+):(\d\d)\] (\d+) of (\d+) cells done", done.stdout, re.MULTILINE)
    times = [60 * int(minutes) + int(seconds) for minutes, seconds, _, _ in lines]
    assert times == sorted(times)
    # Every ten seconds, and later where the machine is busy: whole seconds are shown.
    assert all(9 <= later - earlier <= 300 for earlier, later in zip([0, *times], times, strict=False))
    done_cells = [int(each) for _, _, each, _ in lines]
    assert done_cells == sorted(done_cells)


@pytest.mark.parametrize("flags", [("-q",), ("--lab4-progress", "off")])
def test_a_quiet_run_shows_no_progress(command, flags):
    done = subprocess.run(
        **command(*TIMED, *flags), env=piped_environment(), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout
    assert "cells done" not in done.stdout


def test_verbose_runs_have_a_line_for_each_test_with_its_figure(command):
    done = subprocess.run(**command(*TIMED, "-v"), env=piped_environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert re.search(
        r"test_latency\[fcnn-cpu-b1-onnx\] .*latency/fcnn-cpu-b1-onnx +[\d.]+ ms, [\d,]+ samples/s", done.stdout
    )
