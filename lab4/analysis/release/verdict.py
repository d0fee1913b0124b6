"""The verdicts on a release: one per cell and figure over all machines, and the gate of each machine."""

from collections.abc import Sequence
from dataclasses import dataclass

from lab4.analysis.gate.verdict import ExitCode, GateResult, Verdict


@dataclass(frozen=True, slots=True)
class ReleaseVerdict:
    """A verdict on a figure of a cell, and the machines that it holds on, of those ``among`` which it was judged.

    ``is_shared``: all machines together decided, so that the evidence is of all of them; otherwise it is that of the
    machine with the largest change. ``kind`` names the hardware, where the machines are all those of one kind, of two
    or more.
    """

    verdict: Verdict
    machines: tuple[str, ...]
    among: int
    is_shared: bool = False
    kind: str = ""

    @property
    def is_everywhere(self) -> bool:
        """Whether it holds on all of several machines: a change of the code, most likely."""
        return len(self.machines) == self.among > 1


@dataclass(frozen=True, slots=True)
class MachineGate:
    """The gate of one machine. ``kind`` is its hardware in words.

    ``only_warns``: the policy lets the release pass where this machine cannot be judged.
    """

    name: str
    kind: str
    gate: GateResult
    only_warns: bool = False

    @property
    def is_judged(self) -> bool:
        """Whether something was compared with a baseline."""
        return self.gate.fault is None and self.gate.first is None

    @property
    def exit_code(self) -> ExitCode:
        """How this machine alone would end the release; one without a baseline cannot be judged."""
        code = self.gate.exit_code
        if code is ExitCode.NO_BASELINE:
            code = ExitCode.CANNOT_JUDGE
        return ExitCode.PASSED if code is ExitCode.CANNOT_JUDGE and self.only_warns else code


@dataclass(frozen=True, slots=True)
class ReleaseResult:
    """Every machine's gate, the verdicts over all machines, and what is required and missing.

    ``detectable`` has, for each essential figure that several machines have, the change on all of them that 80 of 100
    releases would have shown, the least first; infinite where none would have.
    """

    machines: Sequence[MachineGate]
    verdicts: Sequence[ReleaseVerdict]
    missing: Sequence[str] = ()
    notes: Sequence[str] = ()
    detectable: Sequence[float] = ()

    @property
    def exit_code(self) -> ExitCode:
        """A regression or a missing machine has precedence over what cannot be judged, and that over a pass.

        Where no machine has a baseline, that is the code.
        """
        # What a machine cannot judge is in its own code; a budget of no cell is a mistake of the policy.
        verdicts = [each.verdict for each in self.verdicts]
        stopping = {each.stops for each in verdicts if each.is_budget or each.stops is ExitCode.REGRESSION}
        codes = {each.exit_code for each in self.machines} | stopping
        if self.missing or ExitCode.REGRESSION in codes:
            return ExitCode.REGRESSION
        if all(each.gate.exit_code is ExitCode.NO_BASELINE for each in self.machines):
            return ExitCode.NO_BASELINE
        return ExitCode.CANNOT_JUDGE if ExitCode.CANNOT_JUDGE in codes else ExitCode.PASSED
