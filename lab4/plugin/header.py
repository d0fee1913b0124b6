"""What a run says of itself before its first cell."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from lab4 import __version__
from lab4.devices.fingerprint import fingerprint
from lab4.domain.cell import Cell
from lab4.domain.run import Settings
from lab4.history.plain import header_of
from lab4.history.run_schema import SCHEMA_VERSION, RunHeader

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lab4.bench.bench import Bench
    from lab4.domain.catalogue import Catalogue


def header_for(
    bench: Bench, catalogue: Catalogue, machine_info: Mapping[str, Any], planned: Sequence[str]
) -> dict[str, Any]:
    """Return the header of a journal; ``machine_info`` is pytest-benchmark's.

    ``catalogue`` has the traits of what is measured, ``planned`` are cell keys in order.

    Raises:
        Lab4Error: if the dataset cannot be loaded.
    """
    order = bench.order
    profile = order.profile
    cells = [Cell.from_key(key) for key in planned]
    header = RunHeader(
        schema_version=SCHEMA_VERSION,
        # To the microsecond: the start is a part of what distinguishes two runs.
        started_at=datetime.now(timezone.utc).isoformat(timespec="microseconds"),
        lab4_version=__version__,
        settings=Settings(
            profile.name,
            order.seed,
            profile.epochs,
            profile.finetune_epochs,
            profile.latency_s,
            tuple(sorted(order.resources)),
        ),
        dataset=bench.dataset.info,
        catalogue=catalogue,
        planned=tuple(planned),
    )
    return header_of(header, fingerprint(bench.threads(cells), bench.versions(cells), machine_info.get("cpu", {})))
