"""Keeps start-up logs of native libraries off standard error: TensorFlow writes a page before it can be silenced."""

import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import TemporaryFile

_LOG = re.compile(
    r"WARNING: All log messages before absl|[IWEF]\d{4} |\d{4}-\d\d-\d\d [\d:.]+: [IWEF] |To enable the following"
)


@contextmanager
def without_native_log() -> Iterator[None]:
    """Drop the lines of TensorFlow's own logger; everything else that was written is shown at the end."""
    sys.stderr.flush()
    with TemporaryFile() as kept:
        terminal = os.dup(2)
        os.dup2(kept.fileno(), 2)
        try:
            yield
        finally:
            sys.stderr.flush()
            os.dup2(terminal, 2)
            os.close(terminal)
            kept.seek(0)
            lines = kept.read().decode(errors="replace").splitlines()
            for line in lines:
                if not _LOG.match(line):
                    print(line, file=sys.stderr)
