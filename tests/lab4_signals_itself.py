"""A plugin of a run that sends itself a signal when it has printed something, so that the signal is never late.

A test that reads what a run prints may itself be held up, for as long as the run takes to do what should be cut.
"""

import os
import re

from lab4.plugin.progress.displays import Output

_PENDING = [(re.compile(os.environ["LAB4_TEST_PATTERN"]), int(os.environ["LAB4_TEST_SIGNAL"]))]
_written = Output.write_line


def _write_line(self, line):
    _written(self, line)
    for pattern, number in _PENDING:
        if pattern.search(line):
            _PENDING.clear()
            os.kill(os.getpid(), number)


Output.write_line = _write_line
