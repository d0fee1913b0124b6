"""The format of run files as JSON Schema, for readers in other languages."""

from typing import Any

from pydantic.json_schema import models_json_schema

from lab4.history.run_schema import MachineRecord, RunSection
from lab4.history.schema import SCHEMA_VERSION, MeasurementRecord

__all__ = ["json_schema"]


def _with(**properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties)}


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema of a run file: what lab4 adds to pytest-benchmark's JSON, and where.

    The record of a cell alone is ``$defs/MeasurementRecord``; the run's section is ``$defs/RunSection``.
    """
    places, schema = models_json_schema(
        [(model, "validation") for model in (MeasurementRecord, RunSection, MachineRecord)]
    )
    record, section, machine = (places[model, "validation"] for model in (MeasurementRecord, RunSection, MachineRecord))
    # Rows of other benchmarks may stand beside ours: they have no "lab4".
    extra_info = {"type": "object", "properties": {"lab4": record}}
    row = _with(extra_info=extra_info)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"A run of lab4, schema version {SCHEMA_VERSION}",
        **_with(benchmarks={"type": "array", "items": row}, machine_info=_with(lab4=machine), lab4=section),
        "$defs": schema["$defs"],
    }
