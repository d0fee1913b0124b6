"""The wall between files and types: data that fits the types of the domain, else one clear sentence."""

from typing import Generic, Literal, TypeVar

from pydantic import ConfigDict, TypeAdapter, ValidationError

from lab4.domain.errors import Lab4Error, RecordError
from lab4.domain.untyped import Untyped

T = TypeVar("T")

# History of the format, one line a version; a version is only ever added:
# 1: cells with measured, unavailable or failed outcome; run section with settings, dataset, labels and plan.
# 2: latency in rounds, with and without copies, with warm-up, frequency probe and reason for its end; threads in the
#    cell; its other resources (memory, energy, counters, work), what the system did meanwhile, the machine's peaks.
# 3: kinds of cells instead of parts of the worksheet, each artifact examined once; runtimes; the catalogue of traits;
#    metrics by name; what was verified of techniques' promises.
SCHEMA_VERSION: Literal[3] = 3

#: No format has a million versions; and Python does not print numbers of thousands of digits.
_IMPOSSIBLE = 1_000_000
_CONFIG = ConfigDict(extra="forbid", allow_inf_nan=False, ser_json_inf_nan="constants")


def check_version(data: object) -> None:
    """Refuse what this lab4 cannot read, before looking at fields that it may not know.

    Raises `RecordError` if ``data`` has no schema version, an impossible or a newer one.
    """
    version = data.get("schema_version") if isinstance(data, dict) else None
    # ``True`` is an int to Python, and not a version.
    if not isinstance(version, int) or isinstance(version, bool) or not 1 <= version < _IMPOSSIBLE:
        raise RecordError("it has no valid schema_version")
    if version > SCHEMA_VERSION:
        raise RecordError(f"it has schema version {version} and this lab4 reads up to {SCHEMA_VERSION}; upgrade lab4")


class Codec(Generic[T]):
    """Reads and writes values of one type: exact types, no NaN, no infinity, no field that the type does not have."""

    def __init__(self, kind: Untyped) -> None:  # a type, or a union of types
        # In a tuple, as a dataclass itself takes no configuration from outside.
        self.adapter: TypeAdapter[tuple[T]] = TypeAdapter(tuple[kind], config=_CONFIG)

    def read(self, plain: object, place: str = "") -> T:
        """Return the value of plain data; ``place`` is where it is in the file.

        Raises `RecordError` naming the first field at fault and what is wrong with it.
        """
        try:
            return self.adapter.validate_python((plain,))[0]
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            steps = [place, *(str(step) for step in first["loc"][1:])]
            where = ".".join(filter(None, steps))
            fault = first["msg"].removeprefix("Value error, ")
        except Lab4Error as error:
            where, fault = place, str(error)
        # One line, whatever the file's keys contain.
        raise RecordError(" ".join(f"{where}: {fault}".split()) if where else fault)

    def write(self, value: T) -> Untyped:  # plain data
        """Return the value as plain data; raises `RecordError` as `read`, so that it can be read back."""
        plain = self.adapter.dump_python((value,), mode="json", warnings=False)[0]
        self.read(plain)
        return plain
