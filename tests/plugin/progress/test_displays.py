"""What is shown of a run, on made terminals: the real ones are in tests/end_to_end/test_progress_shown.py."""

import re
from io import StringIO

import pytest

from lab4.domain.cell import Cell
from lab4.domain.progress import Step
from lab4.plugin.progress import MODES
from lab4.plugin.progress.displays import Everything, Lines, Live, at_cell, described
from lab4.plugin.progress.plan import Plan

STEP = Step("measuring", 26, 56, "cnn-cpu-b1-onnx", 0.000674, 0.041, round=4, rounds=10, left_s=63.0)


class Terminal(StringIO):
    """What a display writes, as a terminal takes it."""

    def __init__(self):
        super().__init__()
        self.text = ""

    def write_line(self, line):
        self.write(f"{line}\n")

    def isatty(self):
        return True

    def close(self):
        self.text = self.getvalue()
        super().close()


class Log:
    """What a display writes, line by line."""

    def __init__(self):
        self.lines = []
        self.write_line = self.lines.append

    def close(self):
        self.lines.append("closed")


@pytest.fixture
def plan():
    keys = [Cell("latency", "cnn", (), "cpu", size, "onnx").key for size in range(1, 57)]
    made = Plan(keys, lambda: 0.0)
    made.at(STEP)
    return made


def test_a_step_is_described_with_its_cell_and_how_well_it_is_known():
    assert described(STEP) == (
        "measuring: round 4 (usually at most 10), 26 of 56 cells done, cnn-cpu-b1-onnx: 0.674 ms \u00b1 4.1%"
    )
    assert described(Step("training", 0, 2, "cnn-cpu-b128-keras")) == (
        "training: 0 of 2 cells done, cnn-cpu-b128-keras"
    )


def test_a_name_that_would_speak_to_a_ci_system_is_harmless():
    assert "::error" not in at_cell(Step("training", 0, 1, "::error::x")).replace(r"\::", "")


def test_a_line_of_a_log_has_the_time_what_is_done_and_what_is_left(plan):
    written = Log()
    display = Lines(written, plan, every_s=60.0)
    display.tick()
    display.step(STEP)
    display.tick()
    display.close()
    assert written.lines[0] == "lab4: [0:00] 0 of 56 cells done; starting, about 1 min 3 s left"
    assert written.lines[1].startswith("lab4: [0:00] 0 of 56 cells done; measuring: round 4")
    assert written.lines[1].endswith("about 1 min 3 s left")


def test_what_is_done_of_the_run_is_in_a_line_once(plan):
    written = Log()
    display = Lines(written, plan, every_s=60.0)
    display.step(Step("examining", 0, 56, "cnn-cpu-onnx", counts_run=True))
    display.tick()
    display.close()
    assert written.lines[0].startswith("lab4: [0:00] 0 of 56 cells done; examining: cnn-cpu-onnx, about")


def test_a_line_in_a_terminal_is_not_wrapped(plan):
    written = Log()
    display = Lines(written, plan, every_s=60.0, width=60)
    display.step(STEP)
    display.tick()
    display.close()
    assert len(written.lines[0]) == 60
    assert written.lines[0].endswith("...")


def test_a_log_shows_cells_that_fail_at_once_and_the_figure_of_the_last_that_did_not_in_its_next_line(plan):
    written = Log()
    display = Lines(written, plan, every_s=60.0)
    display.ended("0/3 fine  0.1 ms", failed=False, measured=True)
    display.ended("1/3 fine  0.2 ms", failed=False, measured=True)
    display.ended("2/3 not measured: no GPU", failed=False, measured=False)
    display.ended("3/3 FAILED", failed=True, measured=False)
    display.say("a remark")
    assert written.lines == ["3/3 FAILED", "lab4: a remark"]
    display.tick()
    display.tick()
    display.close()
    assert written.lines[2].endswith("; last: 1/3 fine 0.2 ms")
    assert "last" not in written.lines[3]


def test_every_step_and_cell_is_a_line_where_that_is_asked():
    written = Log()
    display = Everything(written)
    display.step(STEP)
    display.ended("1/2 fine", failed=False, measured=True)
    display.close()
    assert [line[:15] for line in written.lines] == ["lab4: measuring", "1/2 fine", "closed"]


@pytest.mark.parametrize("width", [40, 100, 250])
def test_no_line_of_a_display_is_wider_than_the_terminal_or_100_columns(plan, width):
    terminal = Terminal()
    display = Live(terminal, plan, width, coloured=False)
    display.step(STEP)
    display.ended("1/56  a cell   0.3 ms", failed=False, measured=True)
    display.ended("2/56  another  not measured: no GPU", failed=False, measured=False)
    display._draw()
    display.say("a remark")
    display.ended("1/56 FAILED: why", failed=True, measured=False)
    display.close()
    text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", terminal.text)
    lines = [line.rstrip() for line in re.split(r"[\r\n]", text)]
    assert max(map(len, lines)) <= min(100, width - 1)
    assert any("measuring" in line for line in lines)
    assert "last: 1/56 a cell 0.3 ms" in " ".join(text.split())
    assert "0.674 ms \u00b1 4.1%" in " ".join(text.split())
    assert "a remark" in text
    assert "FAILED: why" in text


def test_what_is_shown_passes_the_capture_of_what_tests_print(pytester):
    pytester.makeconftest(
        """
        from lab4.plugin.progress.displays import Output

        def pytest_runtestloop(session):
            session.config.shown = Output(session.config)
        """
    )
    pytester.makepyfile(
        """
        def test_it(request):
            print("printed by the test")
            request.config.shown.write_line("shown \\xb1 meanwhile")
        """
    )
    found = pytester.runpytest_subprocess("-v", "-p", "no:cacheprovider")
    found.assert_outcomes(passed=1)
    found.stdout.fnmatch_lines(["*::test_it*", "shown * meanwhile", "*PASSED*"])
    assert "printed by the test" not in found.stdout.str()


def test_there_are_five_ways():
    assert set(MODES) == {"auto", "live", "lines", "steps", "off"}
