"""What a check is given, what it finds, and the registry of checks."""

import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from subprocess import SubprocessError
from typing import Literal

from lab4.domain.registry import Registry
from lab4.environment import child_environment, printed_by

_LIMIT_S = 10
FindingState = Literal["good", "disturbs", "lacks", "unknown"]


@dataclass(frozen=True, slots=True)
class Finding:
    """The state that a check found, in words, and the remedy (empty if none is needed).

    ``disturbs``: measurements on this machine are noisier or slower than they need be. ``lacks``: something cannot be
    measured on this machine at all. ``unknown``: the system does not report it.
    """

    state: FindingState
    message: str
    remedy: str = ""


#: A finding of each state, from its message and its remedy.
good, disturbs = partial(Finding, "good"), partial(Finding, "disturbs")
lacks, unknown = partial(Finding, "lacks"), partial(Finding, "unknown")


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

    def command(self, name: str) -> str | None:
        """Where a command is, if it is on the search path."""
        return shutil.which(name, path=self.environment.get("PATH", ""))

    def output(self, command: Sequence[str]) -> str | None:
        """What a command prints, or nothing where it is absent, fails or hangs."""
        found = self.command(command[0])
        if found is None:
            return None
        try:
            printed = printed_by([found, *command[1:]], child_environment(self.environment), limit_s=_LIMIT_S)
        except (OSError, SubprocessError):
            return None
        return printed.decode("utf-8", "replace").strip()


#: In the order of the report.
CHECKS: Registry[Callable[[System], Finding]] = Registry(
    "check",
    {
        "load": "lab4.doctor.cores:load",
        "governor": "lab4.doctor.cpu:governor",
        "turbo": "lab4.doctor.cpu:turbo",
        "heat": "lab4.doctor.cpu:heat",
        "power": "lab4.doctor.cpu:power",
        "quota": "lab4.doctor.cores:quota",
        "affinity": "lab4.doctor.cores:affinity",
        "smt": "lab4.doctor.cores:smt",
        "steal": "lab4.doctor.cores:steal",
        "co-runners": "lab4.doctor.cores:co_runners",
        "memory": "lab4.doctor.cores:memory",
        "threads": "lab4.doctor.software:threads",
        "debug": "lab4.doctor.software:debug",
        "clock": "lab4.doctor.cpu:clock",
        "simd": "lab4.doctor.cpu:simd",
        "packages": "lab4.doctor.software:packages",
        "entries": "lab4.doctor.software:entries",
        "nvidia": "lab4.doctor.software:nvidia",
        "node": "lab4.doctor.software:node",
        "browser": "lab4.doctor.software:browser",
        "energy": "lab4.doctor.cpu:energy",
        "counters": "lab4.doctor.cpu:counters",
    },
)


#: Checks that read a few files: a run asks them when it begins. The others take time, or say nothing of timings.
_AT_ONCE = ("load", "governor", "turbo", "power", "quota", "affinity", "memory", "threads", "debug")


def disturbances(system: System) -> dict[str, str]:
    """What would disturb a measurement now, by the check that saw it, as far as that is known at once."""
    found = {name: CHECKS[name](system) for name in _AT_ONCE}
    return {name: finding.message for name, finding in found.items() if finding.state == "disturbs"}


def examine(system: System) -> dict[str, Finding]:
    """Run every check on the system; findings by the check's name."""
    return {name: CHECKS[name](system) for name in CHECKS}
