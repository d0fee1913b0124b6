"""The format of run files as JSON Schema, for readers in other languages."""

from typing import Any, Literal

from pydantic import TypeAdapter

from lab4.domain.cell import Cell
from lab4.domain.machine import Machine
from lab4.domain.outcome import Failed, Measured, Unavailable
from lab4.history.packing import BITS_ENCODING, FLOATS_ENCODING, MAX_COUNT, TIMES_ENCODING
from lab4.history.run_schema import SCHEMA_VERSION, RunSection

_TEXTS = {"type": "object", "additionalProperties": {"type": "string"}}


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema of a run file: what lab4 adds to pytest-benchmark's JSON, and where.

    The record of a cell alone is ``$defs/MeasurementRecord``; the run's section is ``$defs/RunSection``.
    """
    mode: Literal["validation"] = "validation"
    kinds: tuple[type, ...] = (Cell, Measured, Unavailable, Failed, RunSection, Machine)
    _, schema = TypeAdapter.json_schemas([(kind.__name__, mode, TypeAdapter(kind)) for kind in kinds])
    defs = {name: {**each, "additionalProperties": False} for name, each in schema["$defs"].items()}
    _as_on_the_disk(defs)
    record, section, machine = ({"$ref": f"#/$defs/{n}"} for n in ("MeasurementRecord", "RunSection", "Machine"))
    # Rows of other benchmarks may be in the file too: they have no "lab4".
    row = _with(extra_info={"type": "object", "properties": {"lab4": record}})
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"A run of lab4, schema version {SCHEMA_VERSION}",
        **_with(benchmarks={"type": "array", "items": row}, machine_info=_with(lab4=machine), lab4=section),
        "$defs": defs,
    }


def _with(**properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties)}


def _packed(encoding: str, least: int) -> dict[str, Any]:
    count = {"type": "integer", "minimum": least, "maximum": MAX_COUNT}
    packed = _with(encoding={"const": encoding}, count=count, data={"type": "string"})
    return packed | {"additionalProperties": False}


def _as_on_the_disk(defs: dict[str, Any]) -> None:
    """Put in what is packed by hand, and the parts that a record is made of."""
    series, latency = defs["Series"], defs["Latency"]["properties"]
    del series["properties"]["samples_s"]
    series["properties"]["samples"] = {"$ref": "#/$defs/PackedTimes"}
    series["required"] = ["samples", *(name for name in series["required"] if name != "samples_s")]
    for name in ("uncontended", "compute_only_uncontended"):
        latency[name] = {"anyOf": [{"$ref": "#/$defs/PackedBits"}, {"type": "null"}]}
    defs["PerExample"]["properties"]["correct"] = {"$ref": "#/$defs/PackedBits"}
    defs["KeptOutput"]["properties"]["values"] = {"$ref": "#/$defs/PackedFloats"}
    for name in ("libraries", "threads", "conditions"):
        defs["Machine"]["properties"][name] = _TEXTS
    defs["PackedTimes"] = _packed(TIMES_ENCODING, 1)
    defs["PackedFloats"] = _packed(FLOATS_ENCODING, 0)
    defs["PackedBits"] = _packed(BITS_ENCODING, 0)
    for kind, name in (("measured", "Measured"), ("unavailable", "Unavailable"), ("failed", "Failed")):
        each = defs[name]
        each["properties"] = {"kind": {"const": kind}, **each["properties"]}
        each["required"] = ["kind", *each.get("required", ())]
    cell = defs["Cell"]
    cell["properties"] = {"id": {"type": "string"}, **cell["properties"]}
    cell["required"] = ["id", *cell["required"]]
    outcomes = [{"$ref": f"#/$defs/{name}"} for name in ("Measured", "Unavailable", "Failed")]
    record = _with(schema_version={"const": SCHEMA_VERSION}, cell={"$ref": "#/$defs/Cell"}, outcome={"oneOf": outcomes})
    defs["MeasurementRecord"] = record | {"additionalProperties": False}
    defs["RunSection"]["properties"]["unmeasured"]["items"] = {"$ref": "#/$defs/MeasurementRecord"}
