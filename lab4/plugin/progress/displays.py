"""How progress is shown: not at all, as every step, as a line now and then, or as a display that is redrawn."""

from __future__ import annotations

import os
from contextlib import suppress
from importlib.util import find_spec
from threading import Event, Lock, Thread
from typing import IO, TYPE_CHECKING, Any, Protocol, cast

from lab4.analysis.distribution import two_digits
from lab4.domain.errors import UnavailableError
from lab4.domain.text import printable
from lab4.plugin.progress.plan import in_minutes
from lab4.report.columns import wrapped
from lab4.report.units import number

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest

    from lab4.domain.progress import Step
    from lab4.domain.untyped import Untyped
    from lab4.plugin.progress.plan import Plan

#: In a log a line comes so often; a display is redrawn so often. Both in seconds.
_LINE_EVERY_S, _DRAW_EVERY_S = 10.0, 1.0
#: Columns of a display at most: no line of it is wrapped.
_WIDEST = 100


class Display(Protocol):
    """What shows the progress of a run."""

    def step(self, step: Step) -> None:
        """The run is at this step."""

    def say(self, sentence: str) -> None:
        """Show a sentence at once."""

    def ended(self, line: str, *, failed: bool, measured: bool) -> None:
        """A cell has ended, with this line, which has a figure if it was ``measured``."""

    def close(self) -> None:
        """Nothing more is shown."""


class Written(Protocol):
    """Where displays write."""

    def write_line(self, line: str) -> None:
        """Write a line of its own at once."""

    def close(self) -> None:
        """Write nothing more."""


class Off:
    """Shows nothing."""

    def step(self, step: Step) -> None:
        """Show nothing."""

    def say(self, sentence: str) -> None:
        """Show nothing."""

    def ended(self, line: str, *, failed: bool, measured: bool) -> None:
        """Show nothing."""

    def close(self) -> None:
        """Nothing was shown."""


class Everything:
    """Each step and each cell as a line."""

    def __init__(self, output: Written) -> None:
        self._output, self._write = output, output.write_line

    def step(self, step: Step) -> None:
        """Write the step."""
        self._write(f"lab4: {described(step)}")

    def say(self, sentence: str) -> None:
        """Write the sentence."""
        self._write(f"lab4: {sentence}")

    def ended(self, line: str, *, failed: bool, measured: bool) -> None:
        """Write the line."""
        del failed, measured
        self._write(line)

    def close(self) -> None:
        """Write no further line."""
        self._output.close()


class _Ticking:
    """Calls ``tick`` every so many seconds, in a thread that ends with `close`."""

    def __init__(self, tick: Callable[[], None], every_s: float) -> None:
        self._tick, self._every_s, self._end = tick, every_s, Event()
        self._thread = Thread(target=self._run, name="lab4-progress", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        with suppress(OSError, SystemExit):  # the terminal was closed, which ends no run
            while not self._end.wait(self._every_s):
                self._tick()

    def close(self) -> None:
        self._end.set()
        self._thread.join()


class Lines:
    """A line about every ten seconds, and cells that fail at once.

    ``width`` is that of the terminal, if it is one: no line about progress is wrapped.
    """

    def __init__(self, output: Written, plan: Plan, every_s: float = _LINE_EVERY_S, width: int | None = None) -> None:
        self._output, self._write = output, output.write_line
        self._plan, self._width = plan, width
        self._lock = Lock()
        self._step: Step | None = None
        self._last = ""
        self._ticking = _Ticking(self.tick, every_s)

    def step(self, step: Step) -> None:
        """Keep the step for the next line."""
        self._step = step

    def say(self, sentence: str) -> None:
        """Write the sentence."""
        with self._lock:
            self._write_whole(f"lab4: {sentence}")

    def _write_whole(self, line: str) -> None:
        for part in wrapped([line], self._width):
            self._write(part)

    def ended(self, line: str, *, failed: bool, measured: bool) -> None:
        """Write the line of a cell that failed; keep that of a measured one for the next line."""
        with self._lock:
            if failed:
                self._write_whole(line)
            elif measured:
                self._last = _last(line)

    def tick(self) -> None:
        """Write where the run is."""
        plan, step = self._plan, self._step
        doing = "starting" if step is None else described(step, counted=not step.counts_run)
        at = f"[{_elapsed(plan)}] {plan.done} of {plan.total} cells done"
        with self._lock:
            line = f"lab4: {at}; {doing}{_left(plan)}{self._last}"
            self._write(line if self._width is None or len(line) <= self._width else f"{line[: self._width - 3]}...")
            self._last = ""

    def close(self) -> None:
        """Write no further line."""
        self._ticking.close()
        self._output.close()


class Live:
    """A display of a few lines at the bottom of a terminal, which `rich` redraws."""

    def __init__(self, output: Written, plan: Plan, columns: int, *, coloured: bool) -> None:
        from rich.console import Console
        from rich.live import Live as RichLive

        width, file = max(20, min(_WIDEST, columns - 1)), cast("IO[str]", output)
        console = Console(file=file, force_terminal=True, width=width, no_color=not coloured)
        self._output, self._plan, self._lock = output, plan, Lock()
        self._step: Step | None = None
        self._last = ""
        self._live = RichLive(
            console=console, auto_refresh=False, transient=True, redirect_stdout=False, redirect_stderr=False
        )
        self._live.start()
        self._ticking = _Ticking(self._draw, _DRAW_EVERY_S)

    def step(self, step: Step) -> None:
        """Keep the step for the next drawing."""
        self._step = step

    def say(self, sentence: str) -> None:
        """Show the sentence above the display."""
        with self._lock:
            self._live.console.print(f"lab4: {sentence}", markup=False, highlight=False)

    def ended(self, line: str, *, failed: bool, measured: bool) -> None:
        """Show the line of a cell that failed above the display, and that of a measured one in it."""
        if not failed:
            self._last = _last(line) if measured else self._last
            return
        with self._lock:
            self._live.console.print(line, style="red", markup=False, highlight=False)

    def _draw(self) -> None:
        with self._lock:
            self._live.update(self._picture(), refresh=True)

    def _picture(self) -> Untyped:  # of `rich`, which is imported where it is used
        from rich.console import Group
        from rich.progress_bar import ProgressBar
        from rich.table import Table
        from rich.text import Text

        plan, step = self._plan, self._step
        phase = "starting" if step is None else step.phase
        done, total = (plan.done, plan.total) if step is None else (step.done, step.total)
        first = Table.grid(padding=(0, 1), expand=True)
        for ratio in (None, 1, None, None):
            first.add_column(ratio=ratio, no_wrap=True)
        bar = ProgressBar(max(1, total), done)
        first.add_row(Text(phase), bar, Text(f"{done} of {total}"), Text(_elapsed(plan)))
        parts = [_left(plan).removeprefix(", "), "" if step is None else at_cell(step)]
        further = "; ".join(filter(None, parts)), self._last.removeprefix("; ")
        # In a narrow terminal a figure, which comes last, has a line of its own.
        lines = (Text(f"  {each}", overflow="fold") for each in further if each)
        return Group(first, *lines)

    def close(self) -> None:
        """Take the display away."""
        self._ticking.close()
        with self._lock:
            self._live.stop()
            self._output.close()


class Output:
    """pytest's output, past its capture of what tests print; `rich` takes it for the terminal that it may be."""

    def __init__(self, config: pytest.Config) -> None:
        self._reporter = reporter_of(config)
        self._reporter.flush()  # what is written here comes after it
        file = config.get_terminal_writer()._file  # noqa: SLF001  # it has no other name
        self.encoding = getattr(file, "encoding", None) or "ascii"
        self._file, self._own = file, False
        with suppress(OSError, ValueError, AttributeError):  # a test of a plugin has a file without a number
            self._file = os.fdopen(os.dup(file.fileno()), "w", encoding=self.encoding, errors="backslashreplace")
            self._own = True

    def write(self, text: str) -> int:
        """Write a text; returns its length."""
        self._file.write(text)
        return len(text)

    def write_line(self, line: str) -> None:
        """Write a line of its own at once: a pipe would keep minutes of progress back."""
        if self._reporter.currentfspath:  # pytest is in the middle of a line
            self._file.write("\n")
            self._reporter.currentfspath = None
        self._file.write(f"{line}\n")
        self._file.flush()

    def flush(self) -> None:
        """Write what is held back."""
        self._file.flush()

    def isatty(self) -> bool:
        """Say so, since `rich` asks only where it shows a display."""
        return True

    def close(self) -> None:
        """Write nothing more."""
        if self._own:
            with suppress(OSError):
                self._file.close()


def described(step: Step, *, counted: bool = True) -> str:
    """A step in words, with or without how many cells are done.

    >>> from lab4.domain.progress import Step
    >>> described(Step("measuring", 26, 56, round=4, rounds=10))
    'measuring: round 4 (usually at most 10), 26 of 56 cells done'
    """
    at = f"round {step.round} (usually at most {step.rounds})" if step.round else ""
    done = f"{step.done} of {step.total} {step.things} done" if counted else ""
    parts = ", ".join(filter(None, (at, done, at_cell(step))))
    return f"{step.phase}: {parts}" if parts else step.phase


def at_cell(step: Step) -> str:
    """The cell that a step is at, and how well its median is known so far."""
    cell = printable(step.cell)
    if step.median_s is None:
        return cell
    precise = "" if step.half_width is None else f" \N{PLUS-MINUS SIGN} {two_digits(step.half_width)}"
    return f"{cell}: {number(step.median_s, 'milliseconds')} ms{precise}"


def _last(line: str) -> str:
    """The line of the cell that was measured last, so that a figure is seen early."""
    return f"; last: {' '.join(line.split())}"


def _elapsed(plan: Plan) -> str:
    """How long the run has lasted, in minutes and seconds."""
    minutes, seconds = divmod(round(plan.elapsed_s), 60)
    return f"{minutes}:{seconds:02}"


def _left(plan: Plan) -> str:
    left_s = plan.left_s
    return "" if left_s is None else f", about {in_minutes(left_s)} left"


def off(config: pytest.Config, plan: Plan, *, alone: bool) -> Display:
    """No display."""
    del config, plan, alone
    return Off()


def steps(config: pytest.Config, plan: Plan, *, alone: bool) -> Display:
    """Every step as a line."""
    del plan, alone
    return Everything(Output(config))


def lines(config: pytest.Config, plan: Plan, *, alone: bool) -> Display:
    """A line now and then."""
    del alone
    return Lines(Output(config), plan, width=width_of(config))


def live(config: pytest.Config, plan: Plan, *, alone: bool) -> Display:
    """A display at the bottom of a terminal; raises `UnavailableError` without `rich`."""
    del alone
    if find_spec("rich") is None:
        raise UnavailableError("--lab4-progress live needs the package rich; run: pip install rich")
    terminal = config.get_terminal_writer()
    return Live(Output(config), plan, terminal.fullwidth, coloured=terminal.hasmarkup)


def auto(config: pytest.Config, plan: Plan, *, alone: bool) -> Display:
    """A display where the output is a terminal in which nothing but cells is run, or else lines."""
    can_redraw = reporter_of(config).isatty and os.environ.get("TERM") != "dumb" and "CI" not in os.environ
    is_redrawn = can_redraw and alone and config.get_verbosity() == 0 and find_spec("rich") is not None
    return (live if is_redrawn else lines)(config, plan, alone=alone)


def reporter_of(config: pytest.Config) -> Any:  # noqa: ANN401  # a private type
    """The reporter of pytest; ``None`` where its plugin is switched off."""
    return config.pluginmanager.get_plugin("terminalreporter")


def width_of(config: pytest.Config) -> int | None:
    """Characters of a line that the terminal does not wrap; ``None`` where the output is no terminal."""
    reporter = reporter_of(config)
    return config.get_terminal_writer().fullwidth - 1 if reporter is not None and reporter.isatty else None


def display_for(config: pytest.Config, plan: Plan, mode: str, *, alone: bool) -> Display:
    """The display of this mode; none where pytest is quiet. ``alone`` says whether nothing but cells is run."""
    from lab4.plugin.progress import MODES

    is_quiet = reporter_of(config) is None or config.get_verbosity() < 0
    return Off() if is_quiet else MODES[mode](config, plan, alone=alone)
