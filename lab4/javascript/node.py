"""An engine in a process of Node."""

import json
import subprocess
from contextlib import suppress
from multiprocessing.connection import wait
from pathlib import Path
from typing import Any

from lab4.domain.errors import CrashError, WorkerError, in_words
from lab4.interrupts import signal_name
from lab4.javascript.channel import Channel
from lab4.javascript.packages import ENGINE, installed, node, node_environment

_GRACE_S = 5.0


class NodeChannel(Channel):
    """Lines of JSON through the pipes of the process, which ends when they are closed: at our end too, in any call.

    Raises `UnavailableError` where Node or the packages are missing, `CrashError` where it does not start.
    """

    def __init__(self, name: str, log: Path, limit_s: float) -> None:
        super().__init__(name, limit_s)
        # Garbage is collected before memory is measured.
        command = [node(), "--expose-gc", str(ENGINE / "node.mjs"), str(installed())]
        try:
            with log.open("ab") as target:
                # A session of its own: a Ctrl-C is ours to handle.
                self._process = subprocess.Popen(  # noqa: S603  # Node, found on the user's path, with our script
                    command,
                    env=node_environment(),
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=target,
                    start_new_session=True,
                )
        except OSError as error:
            raise CrashError(f"{name} does not start: {in_words(error)}") from None

    @property
    def is_alive(self) -> bool:
        """Whether the process runs."""
        return self._process.poll() is None

    @property
    def process_id(self) -> int:
        """The process itself."""
        return self._process.pid

    def address(self, path: Path) -> str:
        """The path."""
        return str(path)

    def _exchanged(self, request: dict[str, object]) -> dict[str, Any]:
        assert self._process.stdin is not None  # noqa: S101  # both are pipes
        assert self._process.stdout is not None  # noqa: S101
        try:
            self._process.stdin.write(json.dumps(request).encode() + b"\n")
            self._process.stdin.flush()
            if not wait([self._process.stdout.fileno()], self._limit_s):  # any number of files may be open
                raise self._too_slow()
            line = self._process.stdout.readline()
        except (OSError, ValueError):
            line = b""
        if not line.endswith(b"\n"):
            raise CrashError(f"{self.name} {self._post_mortem()}")
        try:
            answer: dict[str, Any] = json.loads(line)
        except ValueError:
            self.close()
            raise WorkerError(f"{self.name}: its answer is not JSON") from None
        return answer

    def _post_mortem(self) -> str:
        code = None
        with suppress(subprocess.TimeoutExpired):
            code = self._process.wait(_GRACE_S)
        self.close()
        if code is None:
            return "closed its output and was ended"
        if code < 0:
            return f"was ended by {signal_name(-code)} (a crash of the runtime, or the system out of memory)"
        return f"ended with exit code {code}"

    def close(self) -> None:
        """Kill the process."""
        with suppress(OSError):
            self._process.kill()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(_GRACE_S)
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()
