"""What the driver has of a fleet's run on its disk: enough to go on, and to say who measures what."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import Any
from uuid import uuid4

from lab4.domain.errors import RecordError
from lab4.history.json_text import parse_file, read_bytes, written
from lab4.storage.atomic import write_atomically

STATE_FILE = "fleet.json"
_SCHEMA = 1
#: What a machine does: it waits for its turn, measures, has measured all, or lacks cells.
WAITING, MEASURING, DONE, INCOMPLETE = "waiting", "measuring", "done", "incomplete"


@dataclass
class MachineState:
    """A machine of the run: what it is to measure, and the names of the runs that have some of it.

    ``kind`` is its hardware; ``since`` when it began to do what it does, ISO 8601; ``problem`` why it does nothing.
    """

    machine_id: str
    name: str
    kind: str
    planned: tuple[str, ...]
    state: str = WAITING
    since: str = ""
    problem: str = ""
    runs: tuple[str, ...] = ()
    done: int = 0

    def turn(self, state: str, problem: str = "") -> None:
        """Note what the machine does now."""
        self.state, self.problem = state, problem
        self.since = datetime.now(timezone.utc).isoformat(timespec="seconds")


@dataclass
class FleetState:
    """A fleet's run: ``built`` has the digests of what each unit has built, by its name."""

    fleet: str
    arguments: tuple[str, ...]
    history: str
    cells: tuple[str, ...] = ()
    ended: bool = False
    builds: int = 0
    built: dict[str, dict[str, str]] = field(default_factory=dict)
    machines: list[MachineState] = field(default_factory=list)

    @classmethod
    def new(cls, arguments: tuple[str, ...], history: str) -> "FleetState":
        """A run that has just begun."""
        return cls(f"{datetime.now(timezone.utc):%Y%m%dT%H%M%S}-{uuid4().hex[:6]}", arguments, history)

    def write(self, folder: Path) -> None:
        """Keep it in the driver's folder; raises `OutputError`."""
        plain = {"fleet_schema": _SCHEMA, **asdict(self)}
        for machine in plain["machines"]:
            machine["planned"] = None if machine["planned"] == self.cells else machine["planned"]
        write_atomically(folder / STATE_FILE, written(plain, indent=1))


def read_state(folder: Path) -> FleetState | None:
    """The state in a driver's folder, ``None`` where there is none; raises `RecordError` where it cannot be read."""
    path = folder / STATE_FILE
    if not path.exists():
        return None
    try:
        return _state_of(parse_file(read_bytes(path), str(path)))
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise RecordError(
            f"cannot read {path}: it is no state of a fleet ({error!r}); name another folder with --output"
        ) from None


def _state_of(document: Any) -> FleetState:  # noqa: ANN401  # any JSON value
    if not isinstance(document, Mapping) or document.get("fleet_schema") != _SCHEMA:
        raise ValueError("another schema")
    cells = _texts(document["cells"])
    machines = [
        MachineState(
            **{name: str(each[name]) for name in ("machine_id", "name", "kind", "state", "since", "problem")},
            planned=cells if each["planned"] is None else _texts(each["planned"]),  # most machines measure all
            runs=_texts(each["runs"]),
            done=int(each["done"]),
        )
        for each in document["machines"]
    ]
    return FleetState(
        fleet=str(document["fleet"]),
        arguments=_texts(document["arguments"]),
        history=str(document["history"]),
        cells=cells,
        ended=bool(document["ended"]),
        builds=int(document["builds"]),
        built={
            str(name): {str(key): str(each) for key, each in own.items()} for name, own in document["built"].items()
        },
        machines=machines,
    )


def _texts(several: Any) -> tuple[str, ...]:  # noqa: ANN401  # any JSON value
    if not isinstance(several, list):
        raise TypeError("not a list")
    return tuple(map(str, several))
