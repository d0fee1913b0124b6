"""Files that plain pytest-benchmark saved: their benchmarks as cells, and what figures they have."""

from typing import Any

from lab4.domain.catalogue import Catalogue
from lab4.domain.errors import RecordError
from lab4.domain.fields import LONGEST_S, SHORTEST_S, timestamp
from lab4.domain.figures import CellFigures, RunFigures
from lab4.domain.machine import Machine, is_cpu_model
from lab4.domain.run import Commit, DatasetInfo, Settings
from lab4.domain.text import printable
from lab4.domain.untyped import Untyped
from lab4.history.run_schema import commit_from_plain, machine_from_plain, machine_to_plain
from lab4.sampling.quantiles import QUIET, TAILS, quantile


def is_of_host(document: object) -> bool:
    """Whether a JSON value is such a file: it contains none of our records, whatever its names are."""
    if not isinstance(document, dict) or "lab4" in document or "machine_info" not in document:
        return False
    rows = document.get("benchmarks")
    extras = [row.get("extra_info") for row in rows if isinstance(row, dict)] if isinstance(rows, list) else None
    return extras is not None and not any(isinstance(extra, dict) and "lab4" in extra for extra in extras)


def host_run(document: object, source: str) -> RunFigures:
    """Read the JSON value of such a file; a benchmark is called by its full name.

    The latency is the fifth percentile of the rounds where they were saved (``--benchmark-save-data``), else the
    minimum. Raises `RecordError`: one sentence naming the file and what is wrong with it.
    """
    with RecordError.prefixed(f"cannot read {source}: "):
        try:
            return _run(document, source)
        except (LookupError, TypeError, ValueError, AttributeError, OverflowError) as error:
            raise RecordError(f"it is damaged, or not of pytest-benchmark ({error!r})") from None


def _run(document: Untyped, source: str) -> RunFigures:  # any JSON value
    if not isinstance(document, dict) or not isinstance(document.get("benchmarks"), list):
        raise RecordError("it is not a file that pytest-benchmark saved")
    return RunFigures(
        started_at=_time(document["datetime"]),
        lab4_version="",
        settings=Settings("pytest-benchmark", 0, 0, 0, 0.0),
        dataset=DatasetInfo("", 0, 0, ""),
        machine=_machine(document["machine_info"]),
        commit=_commit(document.get("commit_info")),
        complete=True,
        catalogue=Catalogue(),
        cells={printable(str(each["fullname"])): _cell(each) for each in document["benchmarks"]},
        source=printable(source),
    )


def _cell(benchmark: dict[str, Any]) -> CellFigures:
    stats = benchmark["stats"]
    values = {"latency": float(stats["min"]), "p50": float(stats["median"])}
    missing = {}
    data = sorted(float(each) for each in stats.get("data") or [])
    if not all(SHORTEST_S <= each <= LONGEST_S for each in (*values.values(), *data)):
        return CellFigures("failed", reason="pytest-benchmark saved a time that no call takes")
    if data:
        values["latency"] = quantile(data, QUIET)
    for name, (fraction, least) in TAILS.items():
        if stats.get("iterations", 1) == 1 and len(data) >= least:
            values[name] = quantile(data, fraction)
        else:
            missing[name] = f"too few single rounds were saved ({len(data)} of {least})"
    return CellFigures("measured", values, missing=missing)


def _commit(info: object) -> Commit:
    with RecordError.prefixed("commit_info: "):
        return commit_from_plain(info)


def _machine(info: dict[str, Any]) -> Machine:
    """What the file has of the machine; what it lacks stays unknown, as no default is a fact."""
    cpu = info["cpu"] if isinstance(info.get("cpu"), dict) else {}
    count = cpu.get("count")
    cores = 0 if isinstance(count, bool) else int(count or 0)
    architecture = str(info.get("machine") or "")  # where its name cannot be taken for a CPU model
    machine = Machine(
        node=str(info.get("node", "")),
        cpu=str(cpu.get("brand_raw") or cpu.get("brand") or ("" if is_cpu_model(architecture) else architecture)),
        cpu_flags=(),
        logical_cores=cores,
        physical_cores=cores,
        memory_bytes=0,
        gpus=(),
        os=f"{info.get('system', '')} {info.get('release', '')}".strip(),
        python=str(info.get("python_version", "")),
        libraries=(),
        threads=(),
    )
    with RecordError.prefixed("machine_info: "):
        return machine_from_plain(machine_to_plain(machine))  # what any record of a machine must be


def _time(text: object) -> str:
    """pytest-benchmark wrote times without a zone until version 5: those are UTC."""
    if not isinstance(text, str):
        raise RecordError(f"datetime is not text ({text!r:.40})")
    zoned = text if text.endswith("Z") or "+" in text[10:] or "-" in text[10:] else f"{text}+00:00"
    try:
        return timestamp(zoned)
    except ValueError as error:
        raise RecordError(f"datetime {text!r}: {error}") from None
