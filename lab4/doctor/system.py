"""The system to examine: its files, its environment, its commands."""

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from lab4.environment import child_environment

_LIMIT_S = 10


@dataclass(frozen=True, slots=True)
class System:
    """Access to a system. ``root`` is the folder where ``proc`` and ``sys`` lie; ``environment`` has ``PATH``."""

    root: Path = Path("/")
    environment: Mapping[str, str] = field(default_factory=lambda: os.environ)

    def text(self, path: str) -> str | None:
        """The stripped text of a file, or nothing where it is absent, refused or garbled."""
        try:
            return (self.root / path).read_text(encoding="utf-8", errors="replace").strip()
        except OSError:
            return None

    def texts(self, pattern: str) -> dict[str, str]:
        """The texts of all files of a pattern, by path below the root, in order of their names."""
        paths = [path.relative_to(self.root).as_posix() for path in sorted(self.root.glob(pattern))]
        return {path: text for path in paths if (text := self.text(path)) is not None}

    def number(self, path: str) -> float | None:
        """The number that a file holds, if it does."""
        try:
            return float(self.text(path) or "")
        except ValueError:
            return None

    def command(self, name: str) -> str | None:
        """Where a command is, if it is on the search path."""
        return shutil.which(name, path=self.environment.get("PATH", ""))

    def output(self, command: Sequence[str]) -> str | None:
        """What a command prints, or nothing where it is absent, fails or hangs."""
        found = self.command(command[0])
        if found is None:
            return None
        try:
            done = subprocess.run(  # noqa: S603  # our own words, found on the user's path
                [found, *command[1:]],
                env=child_environment(self.environment),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                encoding="utf-8",
                errors="replace",
                timeout=_LIMIT_S,
                check=True,
            )
        except (OSError, subprocess.SubprocessError):
            return None
        return done.stdout.strip()
